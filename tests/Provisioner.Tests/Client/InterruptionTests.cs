using System.Runtime.InteropServices;
using Microsoft.Extensions.Time.Testing;
using Provisioner.Client;

namespace Provisioner.Tests.Client;

public sealed class InterruptionTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<int> _ends = [];
    private readonly Interruption _interruption;

    public InterruptionTests() => _interruption = new Interruption(_time, _ends.Add);

    public void Dispose() => _interruption.Dispose();

    [Theory]
    [InlineData(PosixSignal.SIGINT)]
    [InlineData(PosixSignal.SIGTERM)]
    [InlineData(PosixSignal.SIGHUP)]
    public void The_first_signal_leaves_time_to_undo(PosixSignal signal)
    {
        Assert.True(Handle(signal));
        Assert.True(_interruption.Token.IsCancellationRequested);
        Assert.Empty(_ends);
    }

    [Fact]
    public void Signals_that_come_together_are_one_interruption()
    {
        Handle(PosixSignal.SIGINT);
        _time.Advance(TimeSpan.FromSeconds(0.9));

        Assert.True(Handle(PosixSignal.SIGTERM));
        Assert.Empty(_ends);
    }

    [Fact]
    public void A_later_signal_ends_the_program_at_once()
    {
        Handle(PosixSignal.SIGINT);
        _time.Advance(TimeSpan.FromSeconds(1));
        Handle(PosixSignal.SIGINT);

        Assert.Equal([130], _ends);
    }

    /// <summary>True if the signal's own effect is held off.</summary>
    private bool Handle(PosixSignal signal)
    {
        var context = new PosixSignalContext(signal);
        _interruption.Handle(context);
        return context.Cancel;
    }
}
