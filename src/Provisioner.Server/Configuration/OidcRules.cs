namespace Provisioner.Server.Configuration;

/// <summary>What the section <c>oidc</c> must fulfil: a careless audience or issuer would let strangers in.</summary>
internal static class OidcRules
{
    private const int LongestAudience = 255;
    private const string Advice = "Write the address of this server, such as https://vbox.example.org:8080.";

    public static IEnumerable<string> Errors(ServerOptions options)
    {
        var (audience, issuer) = (options.Oidc.Audience, options.Oidc.Issuer);
        if (audience.Length == 0 && issuer is not null)
        {
            yield return $"oidc.audience: missing, and oidc.issuer alone lets nobody in. {Advice}";
        }

        if (audience.Length > LongestAudience || audience.Any(c => c is <= ' ' or >= '\x7f'))
        {
            yield return $"oidc.audience: it is longer than {LongestAudience} characters, or has a space or another character that no address has. {Advice}";
        }

        // GitHub writes https://github.com/OWNER into a token that was asked for without an audience, and every careless service accepts that.
        if (audience.StartsWith($"{options.GitHub.Url.TrimEnd('/')}/", StringComparison.OrdinalIgnoreCase))
        {
            yield return $"oidc.audience: '{audience}' is an address of GitHub's, as tokens for other services have it too. {Advice}";
        }

        if (issuer is not null && !IsIssuer(issuer))
        {
            yield return $"oidc.issuer: '{issuer}' is not an https address without '/' at its end, such as https://token.actions.githubusercontent.com or https://HOST/_services/token (http is for this machine itself only).";
        }
    }

    private static bool IsIssuer(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback))
        && url is { UserInfo: "", Query: "", Fragment: "" }
        && !text.EndsWith('/');
}
