using Microsoft.Extensions.Logging.Abstractions;
using Provisioner.GitHub;
using Provisioner.Server.Configuration;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Doctor;

/// <summary>Whether GitHub can be reached, agrees about the time, and lets the server manage runners.</summary>
internal static class GitHubCheck
{
    private const string Name = "GitHub";
    private const string Page = "docs/how-to/github-credential.md";

    // An App's proof of identity and a workflow's token are good for minutes: GitHub and we have to agree to well under one.
    private static readonly TimeSpan Tolerable = TimeSpan.FromSeconds(20);

    public static async Task<IReadOnlyList<Finding>> LookAsync(ServerOptions options, string? repository, TimeProvider time, CancellationToken cancellationToken) =>
        [await ReachAsync(options, time, cancellationToken), .. await ManageAsync(options, repository, time, cancellationToken)];

    private static async Task<Finding> ReachAsync(ServerOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var endpoints = GitHubEndpoints.Parse(options.GitHub.Url);
        using var http = GitHubHttp.CreateClient();
        http.DefaultRequestHeaders.UserAgent.ParseAdd("virtualbox-dynamic-provisioner");
        try
        {
            using var answer = await http.GetAsync(new Uri(endpoints.Rest, "meta"), cancellationToken);
            return answer.Headers.Date is { } date && (time.GetUtcNow() - date).Duration() is var skew && skew > Tolerable
                ? Finding.Fail("clock", $"This host's clock and GitHub's are {skew.TotalSeconds:0} s apart: GitHub and we refuse each other's tokens.", "sudo timedatectl set-ntp true", Page)
                : Finding.Ok(Name, $"{endpoints.Rest.Authority} answers, and agrees about the time");
        }
        catch (HttpRequestException e)
        {
            return Finding.Fail(Name, $"{endpoints.Rest.Authority} cannot be reached: {e.Message}", "See DNS, firewall, and the variables HTTPS_PROXY and NO_PROXY of the server.", Page);
        }
    }

    private static async Task<IReadOnlyList<Finding>> ManageAsync(ServerOptions options, string? repository, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!options.GitHub.HasCredential)
        {
            return [Finding.Fail("credential", "The server has none: no VM becomes a runner.", "Set gitHub.appClientId with gitHub.appKeyFile, or gitHub.tokenFile.", Page)];
        }

        if (repository is null)
        {
            return [Finding.Warn("credential", "There is one. Whether it may manage runners is seen with a repository only.", "virtualbox-server doctor --repository OWNER/NAME", Page)];
        }

        using var gitHub = new GitHubConnection(options, time, NullLoggerFactory.Instance);
        var name = RepositoryName.Parse(repository);
        try
        {
            var runners = 0;
            await foreach (var runner in gitHub.Runners!.ListAsync(name, cancellationToken))
            {
                runners++;
            }

            return [Finding.Ok("credential", $"It may manage the runners of {name}, of which there are {runners}")];
        }
        catch (GitHubException problem)
        {
            return [Finding.Fail("credential", problem.Message, Failures.From(problem.Fault, problem.Message).Remedy, Page)];
        }
    }
}
