using Provisioner.Contracts;
using Provisioner.GitHub;
using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;

namespace Provisioner.Server.Vms;

/// <summary>The single-use registrations of VMs at GitHub. The secret passes through here and is kept nowhere.</summary>
internal sealed class Registrations(GitHubConnection gitHub, ServerOptions options)
{
    /// <summary>Whether runners can be registered at all.</summary>
    public bool IsPossible => gitHub.Runners is not null || IsRehearsal;

    /// <summary>Simulated machines without any GitHub: the demo that needs nothing.</summary>
    private bool IsRehearsal => gitHub.Runners is null && options.Hypervisor == HypervisorKind.Simulated;

    /// <summary>Registers a runner for a VM. Its id is told before the secret is returned, so that it is written down first.</summary>
    public async Task<GuestConfiguration> MakeAsync(Vm vm, Action<long> registered, CancellationToken cancellationToken)
    {
        if (IsRehearsal)
        {
            return new GuestConfiguration("rehearsal");
        }

        var runners = gitHub.Runners ?? throw new GitHubException(GitHubFault.Unauthorized, "The server has no GitHub credential.");
        var runner = await runners.RegisterAsync(vm.Repository, vm.Id.Value, vm.Labels, cancellationToken);
        registered(runner.Id);
        return new GuestConfiguration(runner.EncodedJitConfig);
    }

    /// <summary>Removes a VM's registration. Null when none is left; else why it could not be removed yet.</summary>
    public async Task<string?> RemoveAsync(Vm vm, CancellationToken cancellationToken)
    {
        if (gitHub.Runners is not { } runners)
        {
            return IsRehearsal ? null : "the server has no GitHub credential any more.";
        }

        try
        {
            // Without an id the reply to the registration was lost: the name tells whether there is one.
            var id = vm.RunnerId ?? (await runners.FindAsync(vm.Repository, vm.Id.Value, cancellationToken))?.Id;
            var removal = id is null ? RunnerRemoval.AlreadyGone : await runners.RemoveAsync(vm.Repository, id.Value, cancellationToken);
            return removal == RunnerRemoval.Busy ? "GitHub says that the runner is busy." : null;
        }
        catch (GitHubException problem)
        {
            return problem.Message;
        }
    }

    /// <summary>Why a request for a runner cannot be served at all; null when it can.</summary>
    public VmFailure? Problem => IsPossible
        ? null
        : new VmFailure(
            ProblemCode.GitHubCredentialMissing,
            "The server has no GitHub credential, so it cannot register runners.",
            "Set gitHub.tokenFile or gitHub.appClientId and gitHub.appKeyFile in the server's configuration.");
}
