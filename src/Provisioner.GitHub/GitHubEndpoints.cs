using System.Diagnostics.CodeAnalysis;

namespace Provisioner.GitHub;

/// <summary>
/// Where a GitHub answers, derived from the address that people know: github.com, a tenant of GHE.com, or a GitHub Enterprise
/// Server. Plain http is accepted for loopback only: the token would cross the network readable.
/// </summary>
public sealed class GitHubEndpoints
{
    private GitHubEndpoints(Uri server, Uri rest, string oidcIssuer) => (Server, Rest, OidcIssuer) = (server, rest, oidcIssuer);

    public static GitHubEndpoints GitHubCom { get; } = Parse("https://github.com");

    public Uri Server { get; }

    /// <summary>The base of REST calls, ending in a slash.</summary>
    public Uri Rest { get; }

    /// <summary>Who signs the identity tokens of this GitHub's workflows, byte for byte as in their `iss`.</summary>
    public string OidcIssuer { get; }

    /// <exception cref="FormatException">The text is not the address of a GitHub; the message says what to write.</exception>
    public static GitHubEndpoints Parse(string text) => TryParse(text, out var endpoints)
        ? endpoints
        : throw new FormatException($"'{text}' is not the address of a GitHub: write https://github.com, https://NAME.ghe.com or https://HOST of a "
            + "GitHub Enterprise Server (plain http is for loopback addresses only).");

    public static bool TryParse(string? text, [NotNullWhen(true)] out GitHubEndpoints? endpoints)
    {
        endpoints = Uri.TryCreate(text, UriKind.Absolute, out var url) && IsAcceptable(url) ? From(url) : null;
        return endpoints is not null;
    }

    public override string ToString() => Server.ToString();

    private static bool IsAcceptable(Uri url) =>
        (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback))
        && url is { UserInfo: "", Query: "", Fragment: "", AbsolutePath: "/" };

    private static GitHubEndpoints From(Uri url)
    {
        var host = url.IdnHost.ToLowerInvariant();
        return host switch
        {
            "github.com" or "www.github.com" or "api.github.com" => new(
                new Uri("https://github.com/"), new Uri("https://api.github.com/"), "https://token.actions.githubusercontent.com"),
            _ when host.EndsWith(".ghe.com", StringComparison.Ordinal) => new(
                url, new Uri($"https://api.{host}/"), $"https://token.actions.{host}"),
            _ => new(url, new Uri(url, "/api/v3/"), $"{url.GetLeftPart(UriPartial.Authority)}/_services/token"),
        };
    }
}
