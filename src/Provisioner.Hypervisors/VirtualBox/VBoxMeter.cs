using System.Diagnostics.Metrics;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>Measures the calls of VBoxManage, by the words that this code gives them.</summary>
internal static class VBoxMeter
{
    private static readonly Meter Meter = new("Provisioner.Hypervisors");

    private static readonly Histogram<double> Durations = Meter.CreateHistogram<double>("vbdp.vboxmanage.duration", "s", "How long calls of VBoxManage took, by verb; those that hang after their work are not waited for, and counted in full");

    private static readonly Counter<long> Errors = Meter.CreateCounter<long>("vbdp.vboxmanage.errors", description: "Calls of VBoxManage that failed, by verb and exit code; timeout: it was ended");

    public static void Ran(IReadOnlyList<string> arguments, TimeSpan took, int exitCode)
    {
        Durations.Record(took.TotalSeconds, new KeyValuePair<string, object?>("verb", VerbOf(arguments)));
        if (exitCode != 0)
        {
            Errors.Add(1, new("verb", VerbOf(arguments)), new("code", exitCode.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }
    }

    public static void TimedOut(IReadOnlyList<string> arguments) => Errors.Add(1, new("verb", VerbOf(arguments)), new("code", "timeout"));

    /// <summary>The command, with what tells its kinds apart: never a machine, a property or a path.</summary>
    public static string VerbOf(IReadOnlyList<string> arguments) => arguments switch
    {
        [['@', ..], ..] => "response-file",
        ["list" or "guestproperty", var kind, ..] => $"{arguments[0]} {kind}",
        ["controlvm", _, var what, ..] => $"controlvm {what}",
        [var verb, ..] => verb,
        [] => "none",
    };
}
