using System.Security.Cryptography;
using System.Text;
using Provisioner.Contracts;
using Provisioner.GitHub;
using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;

namespace Provisioner.Server.Vms;

/// <summary>The single-use registrations of VMs at GitHub. The secret passes through here and is kept nowhere.</summary>
internal sealed class Registrations(GitHubConnection gitHub, ServerOptions options)
{
    private string? _mark;

    /// <summary>
    /// The label that tells this server's registrations from those of others: no two data folders have the same. What lacks it is
    /// never removed without its id.
    /// </summary>
    public string Mark => _mark ??= $"vbdp-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(MachineFolder.ServerId(options))).AsSpan(0, 8))}";

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
        var runner = await runners.RegisterAsync(vm.Repository, vm.Id.Value, LabelsOf(vm), cancellationToken);
        CrashPoint.Reach(CrashPoint.Registered);
        registered(runner.Id);
        return new GuestConfiguration(runner.EncodedJitConfig);
    }

    /// <summary>Removes a VM's registration.</summary>
    public async Task<RemovalAnswer> RemoveAsync(Vm vm, CancellationToken cancellationToken)
    {
        if (gitHub.Runners is not { } runners)
        {
            return IsRehearsal ? new RemovalAnswer(RunnerRemoval.AlreadyGone) : new RemovalAnswer(null, "the server has no GitHub credential any more.");
        }

        try
        {
            // Without an id the reply to the registration was lost: name, labels and mark tell whether it left one. Another's is not touched.
            var removal = vm.RunnerId is { } id
                ? await runners.RemoveAsync(vm.Repository, id, cancellationToken)
                : await runners.RemoveUnusedAsync(vm.Repository, vm.Id.Value, LabelsOf(vm), cancellationToken);
            return new RemovalAnswer(removal, removal switch
            {
                RunnerRemoval.Removed or RunnerRemoval.AlreadyGone => "",
                RunnerRemoval.Busy => "GitHub says that the runner is busy.",
                RunnerRemoval.Unseen => $"GitHub shows the server's credential no repository {vm.Repository} any more.",
            });
        }
        catch (GitHubException problem)
        {
            return new RemovalAnswer(problem.Fault == GitHubFault.NotFound ? RunnerRemoval.Unseen : null, problem.Message);
        }
    }

    /// <summary>Whether the runner that was registered for a VM has connected: then its guest has its registration, whatever it has said.</summary>
    public async Task<bool> IsConnectedAsync(Vm vm, CancellationToken cancellationToken) =>
        vm.RunnerId is { } id && gitHub.Runners is { } runners
        && await runners.GetAsync(vm.Repository, id, cancellationToken) is { } runner && (runner.Online || runner.Busy);

    /// <summary>Whether GitHub certainly made nothing: it refused the one call that was made.</summary>
    public static bool IsRefusal(GitHubException problem) => problem.Fault
        is GitHubFault.NotFound or GitHubFault.Forbidden or GitHubFault.Unauthorized or GitHubFault.Invalid or GitHubFault.NameTaken;

    private string[] LabelsOf(Vm vm) => [.. vm.Labels, Mark];

    /// <summary>Why a request for a runner cannot be served at all; null when it can.</summary>
    public VmFailure? Problem => IsPossible
        ? null
        : new VmFailure(
            ProblemCode.GitHubCredentialMissing,
            "The server has no GitHub credential, so it cannot register runners.",
            "Set gitHub.tokenFile or gitHub.appClientId and gitHub.appKeyFile in the server's configuration.");
}
