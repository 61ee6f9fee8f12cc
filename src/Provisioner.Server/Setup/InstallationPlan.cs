using Provisioner.Server.Configuration;

namespace Provisioner.Server.Setup;

/// <summary>What an installation is to be: all that <c>init</c> was told.</summary>
internal sealed record InstallationPlan
{
    /// <summary>Names and addresses by which clients reach the server; the first one goes into the workflow.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Where configuration and certificates go.</summary>
    public required string Folder { get; init; }

    /// <summary>Where the server keeps its database, machines and images.</summary>
    public required string Home { get; init; }

    public required HypervisorKind Hypervisor { get; init; }

    public int Port { get; init; } = 8080;

    /// <summary>The server's user, to whom root gives what the server reads; null where nobody else is to have it.</summary>
    public string? User { get; init; }

    /// <summary>The repository that the first token is for, and the workflow; null: no token is made.</summary>
    public string? Repository { get; init; }

    /// <summary>Client id of a GitHub App, with <see cref="GitHubKey"/>.</summary>
    public string? GitHubApp { get; init; }

    public string? GitHubKey { get; init; }

    public string? GitHubTokenFile { get; init; }

    /// <summary>Which GitHub it is; null: github.com.</summary>
    public string? GitHubUrl { get; init; }

    /// <summary>The configuration as a package brings it, a file. A <see cref="ConfigurationFile"/> that still says the same is nobody's work, and is replaced.</summary>
    public string? Packaged { get; init; }

    /// <summary>Images beside those that were built here: alias and source.</summary>
    public IReadOnlyList<(string Alias, string Source)> Images { get; init; } = [];

    public string ConfigurationFile => Path.Combine(Folder, "server.json");

    public string DataFolder => Path.Combine(Home, "data");

    public string ImageFolder => Path.Combine(Home, "images");

    public string Address => $"https://{(Names[0].Contains(':', StringComparison.Ordinal) ? $"[{Names[0]}]" : Names[0])}:{Port}";
}
