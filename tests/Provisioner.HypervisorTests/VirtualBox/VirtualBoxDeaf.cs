using Microsoft.Extensions.Logging.Testing;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.HypervisorTests.VirtualBox;

public sealed class VirtualBoxDeaf
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task Guests_are_heard_again_after_a_failure_that_nobody_foresaw()
    {
        using var box = new FakeVirtualBox();
        var log = new FakeLogger<VirtualBoxHypervisor>();
        await using var hypervisor = new VirtualBoxHypervisor(box.Options, TimeProvider.System, log);
        var id = VmId.Parse("one");
        await hypervisor.EnsureClonedAsync(
            new VmSpecification { Id = id, Image = new BaseImage("base"), Label = "one", Owner = "acme", Repository = "widgets" }, Token);
        await hypervisor.EnsureStartedAsync(id, Token);
        await using var heard = hypervisor.WatchAsync(Token).GetAsyncEnumerator(Token);
        box.Report(id, "ready");
        await ReportAsync(heard);

        // .NET takes this for a mistake of the program's.
        var program = box.Options.Program;
        box.Options.Program = "";
        await SaidAsync(log, "which machines run");
        await SaidAsync(log, "was not heard");
        box.Options.Program = program;
        box.Report(id, "done");

        Assert.Equal(GuestPhase.Done, await ReportAsync(heard));
    }

    private static async Task<GuestPhase> ReportAsync(IAsyncEnumerator<VmObservation> heard)
    {
        while (await heard.MoveNextAsync())
        {
            if (heard.Current.Report is { } report)
            {
                return report.Phase;
            }
        }

        throw new InvalidOperationException("The watch ended.");
    }

    private static async Task SaidAsync(FakeLogger log, string text)
    {
        while (!log.Collector.GetSnapshot().Any(record => record.Message.Contains(text, StringComparison.Ordinal)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }
    }
}
