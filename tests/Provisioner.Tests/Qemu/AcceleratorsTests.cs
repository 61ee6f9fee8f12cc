using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Qemu;

namespace Provisioner.Tests.Qemu;

/// <summary>With programs that behave as QEMU was seen to behave on hosts with a good KVM, a bad one and none.</summary>
public sealed class AcceleratorsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("vbdp-accelerators-").FullName;

    [Fact(Timeout = 60_000)]
    public async Task A_boot_sector_that_runs_without_complaint_proves_kvm()
    {
        RequireKvm();

        Assert.Equal(new AcceleratorChoice(Kvm: true, CanStart: true, "Hardware virtualisation (kvm)."), await ChooseAsync("exit 85"));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("echo \"warning: host doesn't support requested feature: CPUID.01H:ECX.pni [bit 0]\" >&2; exit 85", "CPUID")]
    [InlineData("echo 'error: failed to set MSR 0x10a to 0x69' >&2; kill -ABRT $$", "MSR")]
    [InlineData("exit 0", "exit code 0")]
    public async Task A_kvm_that_complains_or_fails_is_not_used_and_the_reason_is_told(string behaviour, string reason)
    {
        RequireKvm();

        var choice = await ChooseAsync(behaviour);

        Assert.False(choice.Kvm);
        Assert.True(choice.CanStart);
        Assert.Contains(reason, choice.Why, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_kvm_that_is_demanded_and_does_not_work_starts_nothing()
    {
        var choice = await ChooseAsync("exit 1", QemuAccelerator.Kvm);

        Assert.False(choice.CanStart);
        Assert.NotEmpty(choice.Why);
    }

    [Fact(Timeout = 60_000)]
    public async Task Software_emulation_is_taken_at_its_word()
    {
        Assert.False((await ChooseAsync("exit 85", QemuAccelerator.Tcg)).Kvm);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_probe_is_made_once()
    {
        RequireKvm();
        var accelerators = await MakeAsync($"echo run >>{folder}/runs; exit 85", QemuAccelerator.Auto);

        await accelerators.ChooseAsync(TestContext.Current.CancellationToken);
        await accelerators.ChooseAsync(TestContext.Current.CancellationToken);

        Assert.Single(await File.ReadAllLinesAsync(Path.Combine(folder, "runs"), TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_missing_program_is_said_and_looked_for_again()
    {
        RequireKvm();
        var options = new QemuOptions { Program = Path.Combine(folder, "qemu") };
        var accelerators = new Accelerators(options, TimeProvider.System);
        var missing = await Assert.ThrowsAsync<HypervisorException>(() => accelerators.ChooseAsync(TestContext.Current.CancellationToken));

        await MakeAsync("exit 85", QemuAccelerator.Auto);

        Assert.Equal(HypervisorFault.ProgramMissing, missing.Fault);
        Assert.True((await accelerators.ChooseAsync(TestContext.Current.CancellationToken)).Kvm);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static void RequireKvm() => Assert.SkipUnless(File.Exists("/dev/kvm"), "Without /dev/kvm nothing is probed.");

    private async Task<AcceleratorChoice> ChooseAsync(string behaviour, QemuAccelerator demanded = QemuAccelerator.Auto) =>
        await (await MakeAsync(behaviour, demanded)).ChooseAsync(TestContext.Current.CancellationToken);

    private async Task<Accelerators> MakeAsync(string behaviour, QemuAccelerator demanded)
    {
        var program = await FakeProgram.WriteAsync(Path.Combine(folder, "qemu"), behaviour);
        return new Accelerators(new QemuOptions { Program = program, Accelerator = demanded }, TimeProvider.System);
    }
}
