using System.Threading.Channels;
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

    private readonly SleeperTime _time = new();
    private readonly FakeLogCollector _logs = new();
    private int _told;

    bool ISystemdNotifier.IsEnabled => true;

    void ISystemdNotifier.Notify(ServiceState state)
    {
        Assert.Equal("WATCHDOG=1", state.ToString());
        Interlocked.Increment(ref _told);
    }

    [Fact(Timeout = Patience)]
    public async Task It_is_told_twice_in_each_interval_while_passes_end_and_the_store_answers()
    {
        var pulse = new Pulse(_time);
        using var watchdog = await StartAsync(pulse, () => { });

        for (var half = 1; half <= 6; half++)
        {
            await HalfAsync(pulse);
            Assert.Equal(half, _told);
        }

        Assert.Equal(0, _logs.Count);
    }

    [Fact(Timeout = Patience)]
    public async Task It_is_not_told_any_more_once_passes_do_not_end_and_again_when_they_do()
    {
        var pulse = new Pulse(_time);
        using var watchdog = await StartAsync(pulse, () => { });

        for (var half = 0; half < 10; half++)
        {
            await HalfAsync();
        }

        Assert.Equal(2, _told); // within the first interval
        Assert.Contains("no pass over the VMs", Assert.Single(_logs.GetSnapshot()).Message, StringComparison.Ordinal); // said once
        await HalfAsync(pulse);
        Assert.Equal(3, _told);
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
        for (var half = 0; half < 3; half++)
        {
            await HalfAsync(pulse);
        }

        Assert.Equal((3, 0), (_told, _logs.Count)); // it failed, which is an answer
        pulse.Beat();
        for (_time.Advance(Interval / 2); _logs.Count == 0; _time.Advance(Interval / 50))
        {
            pulse.Beat();
            await Task.Yield();
        }

        await _time.SleepsAsync();
        Assert.Contains("the store", _logs.LatestRecord.Message, StringComparison.Ordinal);
        Assert.Equal((3, 4), (_told, asked));
        stuck.Set();
        await HalfAsync(pulse);
        Assert.Equal(4, _told);
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
        await _time.SleepsAsync();
        return watchdog;
    }

    /// <summary>Half an interval, and all that is done at its end. Time stands still meanwhile, so that nothing is late.</summary>
    private async Task HalfAsync(Pulse? passes = null)
    {
        passes?.Beat();
        _time.Advance(Interval / 2);
        await _time.SleepsAsync();
    }

    /// <summary>A clock that knows when somebody goes to sleep for half an interval.</summary>
    private sealed class SleeperTime : FakeTimeProvider
    {
        private readonly Channel<TimeSpan> _sleeps = Channel.CreateUnbounded<TimeSpan>();

        public Task SleepsAsync() => _sleeps.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime == Interval / 2)
            {
                _sleeps.Writer.TryWrite(dueTime);
            }

            return timer;
        }
    }
}
