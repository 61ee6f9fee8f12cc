using System.Net;

namespace Provisioner.GitHubSimulator;

/// <summary>What a simulated GitHub is like. Everything has a default that serves a demo.</summary>
internal sealed record SimulatorOptions
{
    public IPAddress Listen { get; init; } = IPAddress.Loopback;

    /// <summary>0 picks a free port.</summary>
    public int Port { get; init; }

    /// <summary>The address under which runners reach us; it is what just-in-time configurations name.</summary>
    public Uri? RunnerUrl { get; init; }

    /// <summary>Tokens that may manage runners of every repository.</summary>
    public IReadOnlyList<string> Tokens { get; init; } = [];

    /// <summary>Tokens that are known but may not manage runners, as the GITHUB_TOKEN of a workflow.</summary>
    public IReadOnlyList<string> WorkflowTokens { get; init; } = [];

    public string? AppId { get; init; }

    /// <summary>Whether the App was given the permission to read workflow runs.</summary>
    public bool AppMayReadRuns { get; init; } = true;

    /// <summary>The App's public key, PEM.</summary>
    public string? AppPublicKey { get; init; }

    /// <summary>The repositories that exist; empty: all that are named.</summary>
    public IReadOnlyList<string> Repositories { get; init; } = [];

    public Uri? WebhookUrl { get; init; }

    public string? WebhookSecret { get; init; }

    /// <summary>The `iss` of identity tokens; by default our own address, as a GitHub Enterprise Server's.</summary>
    public string? OidcIssuer { get; init; }

    /// <summary>Where runners, jobs and the signing key outlive the program; none: memory only.</summary>
    public string? Folder { get; init; }

    /// <summary>How long a runner's poll is held open when there is nothing to tell.</summary>
    public TimeSpan PollTime { get; init; } = TimeSpan.FromSeconds(50);

    /// <summary>How long a job whose runner fell silent counts as running.</summary>
    public TimeSpan JobLock { get; init; } = TimeSpan.FromMinutes(10);

    public bool Exists(string repository) =>
        Repositories.Count == 0 || Repositories.Contains(repository, StringComparer.OrdinalIgnoreCase);
}
