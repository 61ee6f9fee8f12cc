namespace Provisioner.HypervisorTests.Qemu;

public sealed class QemuSpecs : HypervisorSpecs
{
    protected override async Task<HypervisorRig> MakeRigAsync(CancellationToken cancellationToken) => await QemuRig.MakeAsync(cancellationToken);
}
