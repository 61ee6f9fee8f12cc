namespace Provisioner.Server.Configuration;

/// <summary>Whether workflows may prove who they are with a token that GitHub signs (OpenID Connect). Off unless there is an audience.</summary>
internal sealed record OidcOptions
{
    /// <summary>What a token must have been made for: a text that no other service takes, best the address of this server.</summary>
    public string Audience { get; set; } = "";

    /// <summary>Who signs the tokens; that of <c>gitHub.url</c> when absent.</summary>
    public string? Issuer { get; set; }

    public bool IsOn => Audience.Length > 0;
}
