using Provisioner.Contracts;

namespace Provisioner.CrashMatrix;

/// <summary>The device of the first VM, and who has it next: when the first is certainly gone, and not before.</summary>
internal sealed partial class CrashRun
{
    private AskedVm? heir;
    private int crashesBeforeHeir;

    /// <summary>Somebody asks for the device that the first has or had.</summary>
    private async Task InheritAsync(CancellationToken cancellationToken)
    {
        if (vms[0].Hardware is { } hardware)
        {
            crashesBeforeHeir = Crashes;
            heir = new AskedVm(template.Caller, $"key-{plan.Point.Name}-{plan.Seed}-heir", null) { Hardware = hardware };
            vms.Add(heir);
            await InsistAsync(() => Caller.CreateAsync(Server, heir, Repository, cancellationToken), cancellationToken);
        }
    }

    /// <summary>The device is free again, so it runs; only where the server died on its way, its machine may have been lost with that.</summary>
    private async Task<bool> HasInheritedAsync(CancellationToken cancellationToken)
    {
        var reached = await Caller.FollowAsync(Server, heir!, phase => phase is VmPhase.Online or VmPhase.Busy or VmPhase.Gone, cancellationToken);
        BrokenPromiseException.Unless(
            reached is null or VmPhase.Online or VmPhase.Busy || Crashes > crashesBeforeHeir, "The device of a VM that is gone could not be had.");
        return reached is not null;
    }
}
