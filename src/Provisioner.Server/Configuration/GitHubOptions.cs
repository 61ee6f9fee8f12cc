namespace Provisioner.Server.Configuration;

/// <summary>Which GitHub the runners belong to, and the one credential that makes and removes registrations there.</summary>
internal sealed record GitHubOptions
{
    /// <summary><c>https://github.com</c>, <c>https://SUB.ghe.com</c> or the address of a GitHub Enterprise Server.</summary>
    public string Url { get; set; } = "https://github.com";

    /// <summary>A token with the permission <c>Administration: read and write</c>. Better in a file of its own: see <see cref="TokenFile"/>.</summary>
    public string? Token { get; set; }

    /// <summary>File that holds the token and nothing else.</summary>
    public string? TokenFile { get; set; }

    /// <summary>Client id (or app id) of a GitHub App, with <see cref="AppKeyFile"/>: preferred over a token.</summary>
    public string? AppClientId { get; set; }

    /// <summary>PEM file with the App's private key.</summary>
    public string? AppKeyFile { get; set; }

    /// <summary>How often GitHub is asked about the workflow runs and runners of live VMs; zero: never.</summary>
    public TimeSpan RunPeriod { get; set; } = TimeSpan.FromMinutes(1);

    public bool HasCredential => Token is not null || TokenFile is not null || AppClientId is not null;
}
