using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using Provisioner.Server.Observability;
using Provisioner.Server.Store;

namespace Provisioner.Tests.Server;

/// <summary>systemd hears that the server is alive only while it is.</summary>
public sealed class WatchdogTests : ISystemdNotifier
{
    private const int Patience = 60_000;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(2);

    private readonly FakeTimeProvider _time = new();
    private readonly FakeLogCollector _logs = new();
    private int _told;

    bool ISystemdNotifier.IsEnabled => true;

    void ISystemdNotifier.Notify(ServiceState state)
    {
        Assert.Equal("WATCHDOG=1", state.ToString());
        Interlocked.Increment(ref _told);
    }

    [Fact(Timeout = Patience)]
    public async Task It_is_told_again_and_again_while_passes_end_and_the_store_answers()
    {
        var pulse = new Pulse(_time);
        using var watchdog = await StartAsync(pulse, () => { });

        await UntilAsync(() => _told >= 6, pulse.Beat);

        Assert.Equal(0, _logs.Count);
    }

    [Fact(Timeout = Patience)]
    public async Task It_is_not_told_any_more_once_passes_do_not_end_and_again_when_they_do()
    {
        var pulse = new Pulse(_time);
        using var watchdog = await StartAsync(pulse, () => { });

        await UntilAsync(() => _logs.Count > 0);
        Assert.Contains("no pass over the VMs", _logs.LatestRecord.Message, StringComparison.Ordinal);
        var before = _told;
        for (var step = 0; step < 100; step++)
        {
            await StepAsync();
        }

        Assert.Equal(before, _told);
        await UntilAsync(() => _told > before, pulse.Beat);
        Assert.Equal(1, _logs.Count); // said once
    }

    [Fact(Timeout = Patience)]
    public async Task A_store_that_fails_is_alive_and_one_that_does_not_come_back_is_not()
    {
        using var stuck = new ManualResetEventSlim();
        var pulse = new Pulse(_time);
        var asked = 0;
        using var watchdog = await StartAsync(pulse, () =>
        {
            if (++asked <= 3)
            {
                throw new StoreException(StoreFault.Unreachable, "The store is down.");
            }

            stuck.Wait(TestContext.Current.CancellationToken);
        });

        await UntilAsync(() => _logs.Count > 0, pulse.Beat);
        Assert.Equal(3, _told);
        Assert.Contains("the store", _logs.LatestRecord.Message, StringComparison.Ordinal);
        Assert.Equal(4, asked); // and no more of them pile up
        stuck.Set();
        await UntilAsync(() => _told > 3, pulse.Beat);
    }

    [Theory]
    [InlineData("120000000", null, 120.0)]
    [InlineData("120000000", "7", 120.0)]
    [InlineData("120000000", "8", null)] // another process of the unit is meant
    [InlineData(null, null, null)]
    [InlineData("0", null, null)]
    [InlineData("soon", null, null)]
    public void The_interval_is_what_systemd_wants_of_this_process(string? microseconds, string? process, double? seconds) =>
        Assert.Equal(seconds, Watchdog.IntervalFrom(microseconds, process, own: 7)?.TotalSeconds);

    private async Task<Watchdog> StartAsync(Pulse pulse, Action ask)
    {
        var watchdog = new Watchdog(this, Interval, patience: Interval, pulse, ask, _time, new FakeLogger<Watchdog>(_logs));
        await watchdog.StartAsync(TestContext.Current.CancellationToken);
        return watchdog;
    }

    private async Task UntilAsync(Func<bool> isSo, Action? meanwhile = null)
    {
        while (!isSo())
        {
            meanwhile?.Invoke();
            await StepAsync();
        }
    }

    private async Task StepAsync()
    {
        TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        _time.Advance(Interval / 50);
        await Task.Yield();
    }
}
