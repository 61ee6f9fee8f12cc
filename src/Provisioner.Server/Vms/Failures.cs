using Provisioner.Contracts;
using Provisioner.GitHub;
using Provisioner.Hypervisors;

namespace Provisioner.Server.Vms;

/// <summary>Turns what went wrong below into the failure that a caller is told: code, cause, remedy.</summary>
internal static class Failures
{
    public static Outcome From(Exception problem, VmAction action) => problem switch
    {
        // A guest that waits for its registration can be given one later: no host that is slow for a moment ends it.
        HypervisorException { Fault: var fault } => new Outcome(
            From(fault, problem.Message), MayRetry: fault is HypervisorFault.TimedOut && action is VmAction.Register),
        GitHubException gitHub => new Outcome(
            From(gitHub.Fault, GitHubText.Steady(gitHub.Message)),
            MayRetry: gitHub.Fault is GitHubFault.Unreachable or GitHubFault.ServerError or GitHubFault.RateLimited,
            gitHub.RetryAfter),
        _ => new Outcome(new VmFailure(
            ProblemCode.ServerFault,
            "The server met a fault of its own.",
            "See the server's log for this VM, and report it.")),
    };

    public static VmFailure From(HypervisorFault fault, string cause) => fault switch
    {
        HypervisorFault.ProgramMissing => new(ProblemCode.HypervisorMissing, cause, "Install the hypervisor on the host, or set the path of its program."),
        HypervisorFault.TimedOut => new(ProblemCode.HypervisorTimeout, cause, "See on the host whether the hypervisor answers at all, and how loaded the host is."),
        HypervisorFault.ImageUnusable => new(ProblemCode.ImageUnusable, cause, "Mend or replace the base that images.<alias>.source names."),
        HypervisorFault.SnapshotMissing => new(ProblemCode.SnapshotMissing, cause, "Take a snapshot of the powered-off base machine: VBoxManage snapshot <base> take ready."),
        HypervisorFault.DiskFull => new(ProblemCode.DiskFull, cause, "Free space on the host's disk, or move the machine folder."),
        HypervisorFault.CannotStart => new(ProblemCode.CannotStart, cause, "See that virtualisation works on the host: its kernel driver is loaded and no other hypervisor holds the CPU."),
        HypervisorFault.DeviceAbsent => new(ProblemCode.HardwareAbsent, cause, "Mend that on the host (virtualbox-server hardware list shows what it has), or ask for other hardware."),
        HypervisorFault.NotFound => new(ProblemCode.HypervisorFailed, cause, "Ask again; somebody may have removed the machine by hand."),
        HypervisorFault.Failed => new(ProblemCode.HypervisorFailed, cause, "See the server's log on the host for what the hypervisor said."),
    };

    public static VmFailure From(GitHubFault fault, string cause) => fault switch
    {
        GitHubFault.Unreachable => new(ProblemCode.GitHubUnavailable, cause, "See that the server reaches GitHub: DNS, proxy, firewall."),
        GitHubFault.ServerError => new(ProblemCode.GitHubUnavailable, cause, "See https://www.githubstatus.com and ask again later."),
        GitHubFault.RateLimited => new(ProblemCode.GitHubRateLimited, cause, "Ask again later; a GitHub App has a higher limit than a token."),
        GitHubFault.Unauthorized => new(ProblemCode.GitHubRefused, cause, "Give the server a credential that is valid: gitHub.tokenFile or gitHub.appClientId."),
        GitHubFault.Forbidden => new(ProblemCode.GitHubRefused, cause, "Give the server's credential the repository permission 'Administration: read and write'."),
        GitHubFault.NotFound => new(ProblemCode.GitHubRefused, cause, "See that the repository exists and that the server's credential may see it."),
        GitHubFault.NameTaken => new(ProblemCode.RunnerNameTaken, cause, "Choose another id, or remove that runner in the repository's settings."),
        GitHubFault.Invalid => new(ProblemCode.GitHubRejected, cause, "See the labels and the id that were asked for."),
    };

    public static VmFailure NeverFits(string excess) =>
        new(ProblemCode.NeverFits, excess, "Ask for less, or give the host more: capacity, images.<alias>.disk, hardware.<name>.disk and images.<alias>.devices of the server.");

    public static VmFailure GuestFailed(Vm vm) =>
        new(ProblemCode.GuestFailed, vm.Reason, "See the console lines of the guest, and the journal of gha.service in the image.");

    public static VmFailure Stopped(Vm vm) => vm switch
    {
        { DoneAt: not null } => new(
            ProblemCode.StoppedEarly,
            "The runner ended without having had a job.",
            "See whether somebody removed the runner at GitHub, and whether the runner in the image is too old."),
        { BusyAt: not null } => new(
            ProblemCode.StoppedEarly,
            "The VM was lost while its runner worked on its job.",
            "See the host: whether it was restarted, its memory and disk, and the hypervisor's own log. Run the job again."),
        _ => new(
            ProblemCode.StoppedEarly,
            $"The VM stopped before its runner had a job. Last seen: {vm.Reason}",
            "See the console lines of the guest: it powered off or crashed."),
    };
}
