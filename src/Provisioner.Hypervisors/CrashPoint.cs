using System.Diagnostics;

namespace Provisioner.Hypervisors;

/// <summary>
/// The moments at which a test build can be made to die as by <c>kill -9</c>: <c>VBDP_CRASH_AT=NAME</c>, or <c>NAME:2</c> for the
/// second time. Built with <c>-p:CrashPoints=true</c> only: in what ships, no call of <see cref="Reach"/> is compiled, and it does nothing.
/// </summary>
public static class CrashPoint
{
    public const string RowUncommitted = "row-uncommitted";
    public const string RowWritten = "row-written";
    public const string CloneIntended = "clone-intended";
    public const string InsideClone = "inside-clone";
    public const string Cloned = "cloned";
    public const string StartIntended = "start-intended";
    public const string Started = "started";
    public const string ReadyTaken = "ready-taken";
    public const string RegistrationIntended = "registration-intended";
    public const string Registered = "registered";
    public const string RegistrationWritten = "registration-written";
    public const string Configured = "configured";
    public const string ConfiguredWritten = "configured-written";
    public const string BusyTaken = "busy-taken";
    public const string Retiring = "retiring";
    public const string DeleteWritten = "delete-written";
    public const string Unregistering = "unregistering";
    public const string Unregistered = "unregistered";
    public const string Removing = "removing";
    public const string InsideRemoval = "inside-removal";
    public const string Removed = "removed";
    public const string Closing = "closing";
    public const string Closed = "closed";
    public const string Sweeping = "sweeping";
    public const string Swept = "swept";
    public const string WarmMade = "warm-made";
    public const string WarmTaking = "warm-taking";
    public const string WarmTaken = "warm-taken";
    public const string Labelled = "labelled";
    public const string SavingIntended = "saving-intended";
    public const string InsideSaving = "inside-saving";
    public const string StateSaved = "state-saved";

    [Conditional("CRASH_POINTS")]
    public static void Reach(string name)
    {
#if CRASH_POINTS
        if (Armed is var (at, times) && name == at && Interlocked.Increment(ref reached) == times)
        {
            Process.GetCurrentProcess().Kill();
            new ManualResetEvent(false).WaitOne(); // the signal may take a moment, and nothing more may be done
        }
#endif
    }

#if CRASH_POINTS
    private static readonly (string Name, int Times)? Armed = Read(Environment.GetEnvironmentVariable("VBDP_CRASH_AT"));
    private static int reached;

    private static (string Name, int Times)? Read(string? text) => text?.Split(':') switch
    {
        [var name] => (name, 1),
        [var name, var times] => (name, int.Parse(times, System.Globalization.CultureInfo.InvariantCulture)),
        _ => null,
    };
#endif
}
