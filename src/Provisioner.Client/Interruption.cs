using System.Runtime.InteropServices;

namespace Provisioner.Client;

/// <summary>
/// Turns the first SIGINT, SIGTERM or SIGHUP into a cancelled token, so that there is time to undo; a later one ends the process at
/// once. Registered by hand because as PID 1 of a container the kernel gives these signals no default effect; nor has the default
/// effect that .NET would restore, hence the end by our own hand.
/// </summary>
internal sealed class Interruption : IDisposable
{
    // A terminal, a shell and a wrapper may each pass on the same Ctrl-C: what comes together is one interruption.
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly Action<int> _end;
    private readonly CancellationTokenSource _source = new();
    private readonly Lock _lock = new();
    private readonly PosixSignalRegistration[] _registrations;
    private long? _first;

    public Interruption(TimeProvider time, Action<int> end)
    {
        (_time, _end) = (time, end);
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, Handle),
        ];
    }

    public CancellationToken Token => _source.Token;

    public void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (IsFirst(out var since))
        {
            _source.Cancel();
        }
        else if (since >= Together)
        {
            _end((int)ExitCode.Interrupted);
        }
    }

    public void Dispose()
    {
        Array.ForEach(_registrations, registration => registration.Dispose());
        _source.Dispose();
    }

    private bool IsFirst(out TimeSpan since)
    {
        lock (_lock)
        {
            since = _first is { } first ? _time.GetElapsedTime(first) : TimeSpan.Zero;
            var isFirst = _first is null;
            _first ??= _time.GetTimestamp();
            return isFirst;
        }
    }
}
