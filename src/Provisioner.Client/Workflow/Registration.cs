using Microsoft.Extensions.Logging.Abstractions;
using Provisioner.Contracts;
using Provisioner.GitHub;

namespace Provisioner.Client.Workflow;

/// <summary>
/// Removes a runner's registration at GitHub with the token that the workflow gave, where the server could not. What stays is no
/// failure of the step: the VM is gone, and GitHub drops a single-use registration by itself after a day without contact.
/// </summary>
internal sealed class Registration(string token, IReadOnlyDictionary<string, string> environment, WorkflowLog log, TimeProvider time)
{
    public async Task RemoveAsync(VmView vm, CancellationToken interrupted)
    {
        if (token.Length == 0)
        {
            Warn(vm, "The server could not remove it.", "Give the server a GitHub App or token, or give this step one as token, with the permission Administration: write.");
            return;
        }

        if (vm.RunnerId is not { } runner)
        {
            // The name alone would do for a runner that somebody else made.
            Warn(vm, "The server does not know under which number, and goes on looking.", "");
            return;
        }

        if (!RepositoryName.TryParse(vm.Repository, out var repository)
            || !GitHubEndpoints.TryParse(environment.GetValueOrDefault("GITHUB_SERVER_URL") ?? "https://github.com", out var endpoints))
        {
            Warn(vm, "Repository or GITHUB_SERVER_URL cannot be read.", "");
            return;
        }

        using var http = GitHubHttp.CreateClient();
        var runners = new GitHubRunners(http, new TokenCredential(token), endpoints, time, NullLogger<GitHubRunners>.Instance);
        try
        {
            Tell(vm, await runners.RemoveAsync(repository, runner, interrupted));
        }
        catch (GitHubException error)
        {
            Warn(vm, error.Message, "GITHUB_TOKEN can never manage runners: give token a GitHub App's or personal token with Administration: write.");
        }
    }

    private void Tell(VmView vm, RunnerRemoval removal)
    {
        switch (removal)
        {
            case RunnerRemoval.Removed:
                log.Line($"Removed runner {vm.Id} from {vm.Repository}");
                break;
            case RunnerRemoval.AlreadyGone:
                log.Line($"Runner {vm.Id} is not registered at {vm.Repository} (any more)");
                break;
            case RunnerRemoval.Unseen:
                Warn(vm, "GitHub shows the repository to this token no more.", "See that the token may see it.");
                break;
            case RunnerRemoval.Busy:
                Warn(vm, "GitHub says that it still works on a job.", "Delete it in the settings of the repository when the job has ended.");
                break;
        }
    }

    private void Warn(VmView vm, string cause, string remedy) =>
        log.Warning("Registration left", $"The runner {vm.Id} is still registered at {vm.Repository}. {cause} {remedy}");
}
