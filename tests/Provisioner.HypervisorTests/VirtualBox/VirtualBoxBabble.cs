using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>A guest that reports as fast as it can, to keep the host busy.</summary>
public sealed class VirtualBoxBabble : IDisposable
{
    private const int Patience = 60_000;

    private readonly FakeVirtualBox box = new();
    private readonly VmId id = VmId.Parse("one");
    private readonly FakeLogger log = new();
    private readonly Observations observations = new();
    private readonly CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(Token);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private int Warnings => log.Collector.GetSnapshot().Count(record => record.Level == LogLevel.Warning);

    private int Waits => box.Calls.Split('\n').Count(call => call.StartsWith("guestproperty wait", StringComparison.Ordinal) && call.Contains("Phase", StringComparison.Ordinal));

    public void Dispose()
    {
        ending.Dispose();
        box.Dispose();
    }

    [Fact(Timeout = Patience)]
    public async Task What_is_no_news_is_said_once_and_answered_once_a_second()
    {
        box.Options.WaitRenewal = TimeSpan.FromMinutes(1);
        await CloneAsync();
        var time = new FakeTimeProvider();
        var watching = Watch(time).RunAsync(id, ending.Token);
        await UntilAsync(() => Waits == 1, () => { });

        // Heard by the wait, for time stands still, and with it the readings.
        await UntilAsync(() => Warnings > 0, () => box.Report(id, "::error::" + Guid.NewGuid()));
        // As long as any number of waits would take.
        var bare = new VBoxManage(box.Options, TimeProvider.System, log);
        await bare.TryWaitAsync(["guestproperty", "wait", Uuid, "/Other", "--timeout", "1000"], box.Options.Deadline, Token);
        var paused = Waits;
        await UntilAsync(() => Waits == 2, () =>
        {
            time.Advance(TimeSpan.FromMilliseconds(500));
            box.Report(id, "::error::" + Guid.NewGuid());
        });

        Assert.Equal(1, paused);
        Assert.Equal(1, Warnings);
        await ending.CancelAsync();
        await watching;
    }

    [Fact(Timeout = Patience)]
    public async Task A_guest_that_goes_back_is_not_heard()
    {
        await CloneAsync();
        var watching = Watch(TimeProvider.System).RunAsync(id, ending.Token);
        await using var heard = observations.WatchAsync(CancellationToken.None, Token).GetAsyncEnumerator(Token);

        box.Report(id, "online");
        await heard.MoveNextAsync();
        var first = heard.Current.Report;
        box.Report(id, "ready");
        await UntilAsync(() => Waits >= 3, () => { });
        box.Report(id, "done");
        await heard.MoveNextAsync();

        Assert.Equal([new(GuestPhase.Online), new GuestReport(GuestPhase.Done)], [first!, heard.Current.Report!]);
        await ending.CancelAsync();
        await watching;
    }

    [Fact]
    public void A_report_that_two_have_heard_or_that_a_later_one_has_overtaken_is_not_passed_on_again()
    {
        Assert.True(observations.PublishNews(id, new GuestReport(GuestPhase.Online)));
        Assert.False(observations.PublishNews(id, new GuestReport(GuestPhase.Online)));
        Assert.True(observations.PublishNews(id, new GuestReport(GuestPhase.Done)));
        Assert.False(observations.PublishNews(id, new GuestReport(GuestPhase.Busy)));
        Assert.Equal(GuestPhase.Done, observations.LastPhase(id));
    }

    private string Uuid => new VmMark(box.Options.MachineFolder).UuidOf(id).ToString();

    private async Task CloneAsync()
    {
        await using var hypervisor = box.Open();
        await hypervisor.EnsureClonedAsync(
            new VmSpecification { Id = id, Image = new BaseImage("base"), Label = "one", Owner = "acme", Repository = "widgets" }, Token);
    }

    private PhaseWatch Watch(TimeProvider time)
    {
        var host = VBoxHost.Open(box.Options, time, log);
        return new PhaseWatch(host, new PhaseReports(host, new ConfigurationDelivery(host, new VmLocks(), log), observations, log), time, log);
    }

    private static async Task UntilAsync(Func<bool> condition, Action meanwhile)
    {
        while (!condition())
        {
            meanwhile();
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
        }
    }
}
