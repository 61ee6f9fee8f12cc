using Provisioner.Contracts;
using Provisioner.Server.Configuration;

namespace Provisioner.Server.Vms;

/// <summary>Ends what takes too long. Pure: a row and a time give the row with or without its end.</summary>
internal static class VmDeadlines
{
    /// <summary>For how long a guest may take to power off.</summary>
    private static readonly TimeSpan AfterJob = TimeSpan.FromMinutes(1);

    public static Vm Check(Vm vm, VmOptions options, DateTimeOffset now)
    {
        if (vm.Wanted == Wanted.Gone)
        {
            return vm;
        }

        if (vm.Warm is not null)
        {
            return CheckWarm(vm, options, now);
        }

        if (now >= vm.ExpiresAt)
        {
            return vm.Failed(new VmFailure(
                ProblemCode.LifetimeOver,
                $"The lifetime of {vm.ExpiresAt - vm.CreatedAt:c} is over.",
                "Ask for a longer lifetime, up to vms.maxLifetime of the server, or make the job shorter."));
        }

        return vm switch
        {
            { IsQueued: true } when now - vm.CreatedAt > options.QueueTimeout => vm.Failed(NoRoom(vm, options)),
            { DoneAt: { } done } when now - done > AfterJob =>
                vm.NotWanted("The job has ended, and the guest did not power off by itself."),
            { BusyAt: not null } => vm,
            { OnlineAt: { } online } when now - online > options.IdleTimeout => vm.Failed(NoJob(vm, options)),
            { OnlineAt: not null } => vm,
            { ReadyAt: { } ready } when now - ready > options.RegistrationTimeout => vm.Failed(vm.Trouble ?? NotOnline(vm, options)),
            { StartedAt: { } started, Guest: null } when now - started > options.BootTimeout => vm.Failed(Silent(options)),
            { StartedAt: null, ClonedAt: { } cloned, Trouble: { } trouble } when now - cloned > options.RegistrationTimeout => vm.Failed(trouble),
            _ => vm,
        };
    }

    /// <summary>When the server will end the VM if nothing happens before, and what it will say; null where it is ending already.</summary>
    public static VmDeadline? Next(Vm vm, VmOptions options)
    {
        if (vm.Wanted == Wanted.Gone)
        {
            return null;
        }

        var life = new VmDeadline(vm.ExpiresAt, "Its lifetime is over: it is removed.");
        var own = vm switch
        {
            { IsQueued: true } => new(vm.CreatedAt + options.QueueTimeout, "It is given up if it has no place on the host by then."),
            { DoneAt: { } done } => new(done + AfterJob, "It is removed if its guest has not powered off by itself."),
            { BusyAt: not null } => life,
            { OnlineAt: { } online } => new(online + options.IdleTimeout, "It is removed if no job has come."),
            { ReadyAt: { } ready } => new(ready + options.RegistrationTimeout, "It is given up if its runner is not online."),
            { StartedAt: { } started } => new(started + options.BootTimeout, "It is given up if its guest has not reported."),
            { ClonedAt: { } cloned, Trouble: not null } => new(cloned + options.RegistrationTimeout, "It is given up if it cannot be cloned."),
            _ => life,
        };
        return own.At < life.At ? own : life;
    }

    private static Vm CheckWarm(Vm vm, VmOptions options, DateTimeOffset now) => vm switch
    {
        _ when now - vm.CreatedAt >= options.WarmMaxAge =>
            vm.NotWanted($"It is {options.WarmMaxAge:c} old, and a warm VM may not be older (vms.warmMaxAge). A fresh one takes its place."),
        { StartedAt: { } started, Guest: null } when now - started > options.BootTimeout => vm.Failed(Silent(options)),
        { Saves: true, SavingAt: null, ReadyAt: { } ready } when now - ready >= options.SaveAfter => vm.Saving(now),
        _ => vm,
    };

    private static VmFailure NoRoom(Vm vm, VmOptions options) => new(
        ProblemCode.QueueTimeout,
        $"The VM waited {options.QueueTimeout:c} for its place on the host. Last told: {vm.Reason}",
        "Ask again when fewer VMs are wanted; or give the host more room: vms.maxRunning, capacity, vms.queueTimeout of the server.");

    private static VmFailure NoJob(Vm vm, VmOptions options) => new(
        ProblemCode.NoJob,
        $"The runner was online for {options.IdleTimeout:c} and no job came.",
        $"See that a job of {vm.Repository} has runs-on: {vm.Id} (the action's output 'label'), and that it was not cancelled.");

    private static VmFailure NotOnline(Vm vm, VmOptions options) => new(
        ProblemCode.GuestSilent,
        $"The runner was not online {options.RegistrationTimeout:c} after the guest had booted. Last seen: {vm.Reason}",
        "See that the guest reaches GitHub, and that the runner in the image is not too old.");

    private static VmFailure Silent(VmOptions options) => new(
        ProblemCode.GuestSilent,
        $"The guest did not report within {options.BootTimeout:c} of its start.",
        "See that the image boots, and that gha.service of images/linux is enabled in it.");
}
