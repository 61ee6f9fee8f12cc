using Provisioner.Hypervisors.Qemu;

namespace Provisioner.HypervisorTests.Qemu;

public sealed class QemuCheckTests : QemuFacts
{
    [Fact(Timeout = Patience)]
    public async Task The_accelerator_that_is_chosen_here_boots_a_guest()
    {
        Rig.Options.Accelerator = QemuAccelerator.Auto;
        var hypervisor = Open();

        var health = await hypervisor.CheckAsync(Token);
        var id = await RunAsync(hypervisor, "probed");
        var kernel = await AskGuestAsync(hypervisor, id, "phase \"done: $(uname -s)\"");

        TestContext.Current.SendDiagnosticMessage(health.ToString());
        Assert.True(health.CanStart);
        Assert.Equal("Linux", kernel);
    }

    [Fact(Timeout = Patience)]
    public async Task Wrong_options_are_told_by_the_check()
    {
        Rig.Options.Forwards = ["nonsense"];

        var health = await Open().CheckAsync(Token);

        Assert.False(health.CanStart);
        Assert.Contains("nonsense", health.Detail, StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task Passt_that_is_not_there_is_named_with_the_remedy()
    {
        Rig.Options.Network = QemuNetwork.Passt;
        Rig.Options.PasstProgram = "/nowhere/passt";

        var health = await Open().CheckAsync(Token);

        Assert.False(health.CanStart);
        Assert.Contains("apt install passt", health.Detail, StringComparison.Ordinal);
    }
}
