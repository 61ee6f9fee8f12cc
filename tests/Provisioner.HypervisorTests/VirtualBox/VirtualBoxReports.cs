using Microsoft.Extensions.Logging.Abstractions;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>How reports are heard on the real VBoxManage: it tells of changes of a property also while the machine is switched off.</summary>
public sealed class VirtualBoxReports
{
    private const int Patience = 300_000;

    private readonly VmId one = VmId.Parse("one");
    private readonly Observations observations = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = Patience)]
    public async Task Reports_are_heard_in_turn_and_the_configuration_is_withdrawn_once_it_was_read()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        await using var hypervisor = lab.Open();
        await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var watching = Watch(lab).RunAsync(one, ending.Token);
        await using var heard = observations.WatchAsync(CancellationToken.None, Token).GetAsyncEnumerator(Token);

        Assert.Equal(new GuestReport(GuestPhase.Ready), await ReportAsync(lab, heard, "ready"));
        await lab.RunAsync("guestproperty", "set", lab.UuidOf("one"), "/VBDP/Config/0", "secret");
        await lab.RunAsync("guestproperty", "set", lab.UuidOf("one"), "/VBDP/Config/Count", "1");
        Assert.Equal(new GuestReport(GuestPhase.Configuring), await ReportAsync(lab, heard, "configuring"));
        Assert.DoesNotContain("/VBDP/Config", await lab.RunAsync("guestproperty", "enumerate", lab.UuidOf("one")), StringComparison.Ordinal);
        Assert.Equal(new GuestReport(GuestPhase.Failed, "a, b: 'c'"), await ReportAsync(lab, heard, "failed: a, b: 'c'"));

        await ending.CancelAsync();
        await watching;
    }

    [Fact(Timeout = Patience)]
    public async Task A_report_that_is_no_phase_is_not_passed_on()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        await using var hypervisor = lab.Open();
        await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);
        await lab.RunAsync("guestproperty", "set", lab.UuidOf("one"), "/VBDP/Phase", "::error::pwned");
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var watching = Watch(lab).RunAsync(one, ending.Token);
        await using var heard = observations.WatchAsync(CancellationToken.None, Token).GetAsyncEnumerator(Token);

        Assert.Equal(new GuestReport(GuestPhase.Online), await ReportAsync(lab, heard, "online"));

        await ending.CancelAsync();
        await watching;
    }

    private PhaseWatch Watch(VirtualBoxLab lab)
    {
        var host = VBoxHost.Open(lab.Options, TimeProvider.System, NullLogger.Instance);
        var delivery = new ConfigurationDelivery(host, new VmLocks(), NullLogger.Instance);
        return new PhaseWatch(host, new PhaseReports(host, delivery, observations, NullLogger.Instance), TimeProvider.System, NullLogger.Instance);
    }

    private static async Task<GuestReport?> ReportAsync(VirtualBoxLab lab, IAsyncEnumerator<VmObservation> heard, string phase)
    {
        await lab.RunAsync("guestproperty", "set", lab.UuidOf("one"), "/VBDP/Phase", phase);
        Assert.True(await heard.MoveNextAsync());
        return heard.Current.Report;
    }
}
