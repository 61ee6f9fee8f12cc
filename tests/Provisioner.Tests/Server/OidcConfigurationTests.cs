using Provisioner.Server.Configuration;

namespace Provisioner.Tests.Server;

/// <summary>A careless audience or issuer is refused before the server listens.</summary>
public sealed class OidcConfigurationTests
{
    [Fact]
    public void Workflows_are_not_let_in_unless_there_is_an_audience()
    {
        Assert.False(new ServerOptions().Oidc.IsOn);
        Assert.Empty(OidcRules.Errors(new ServerOptions()));
    }

    [Theory]
    [InlineData("https://github.com", null, "https://token.actions.githubusercontent.com")]
    [InlineData("https://octo.ghe.com", null, "https://token.actions.octo.ghe.com")]
    [InlineData("https://ghe.example.org", null, "https://ghe.example.org/_services/token")]
    [InlineData("https://github.com", "https://token.actions.githubusercontent.com/octo", "https://token.actions.githubusercontent.com/octo")]
    [InlineData("https://github.com", "http://127.0.0.1:9/_services/token", "http://127.0.0.1:9/_services/token")]
    public void The_issuer_is_that_of_the_github_unless_it_is_named(string gitHub, string? issuer, string expected)
    {
        var options = Options("https://vbox.example.org:8080", issuer);
        options.GitHub.Url = gitHub;

        Assert.Empty(OidcRules.Errors(options));
        Assert.Equal(expected, options.OidcIssuer);
    }

    [Theory]
    [InlineData("", "https://token.actions.githubusercontent.com", "oidc.audience: missing")]
    [InlineData("https://github.com/octo-org", null, "is an address of GitHub's")]
    [InlineData("HTTPS://GitHub.com/octo-org", null, "is an address of GitHub's")]
    [InlineData("vbox example", null, "has a space")]
    [InlineData("vbox", "token.actions.githubusercontent.com", "oidc.issuer: ")]
    [InlineData("vbox", "https://token.actions.githubusercontent.com/", "oidc.issuer: ")]
    [InlineData("vbox", "http://token.actions.githubusercontent.com", "oidc.issuer: ")]
    [InlineData("vbox", "https://user@token.example.org", "oidc.issuer: ")]
    [InlineData("vbox", "https://token.example.org?x", "oidc.issuer: ")]
    public void What_would_let_strangers_in_is_an_error(string audience, string? issuer, string told) =>
        Assert.Contains(told, Assert.Single(OidcRules.Errors(Options(audience, issuer))), StringComparison.Ordinal);

    private static ServerOptions Options(string audience, string? issuer) => new() { Oidc = new OidcOptions { Audience = audience, Issuer = issuer } };
}
