using Provisioner.GitHub;

namespace Provisioner.Tests.GitHub;

public sealed class GitHubEndpointsTests
{
    [Theory]
    [InlineData("https://github.com", "https://api.github.com/", "https://token.actions.githubusercontent.com")]
    [InlineData("https://www.GitHub.com/", "https://api.github.com/", "https://token.actions.githubusercontent.com")]
    [InlineData("https://octo.ghe.com", "https://api.octo.ghe.com/", "https://token.actions.octo.ghe.com")]
    [InlineData("https://github.example.org", "https://github.example.org/api/v3/", "https://github.example.org/_services/token")]
    [InlineData("https://github.example.org:8443/", "https://github.example.org:8443/api/v3/", "https://github.example.org:8443/_services/token")]
    [InlineData("http://127.0.0.1:8081", "http://127.0.0.1:8081/api/v3/", "http://127.0.0.1:8081/_services/token")]
    public void Each_kind_of_GitHub_has_its_own_addresses(string server, string rest, string issuer)
    {
        var endpoints = GitHubEndpoints.Parse(server);

        Assert.Equal(rest, endpoints.Rest.ToString());
        Assert.Equal(issuer, endpoints.OidcIssuer);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("github.com")]
    [InlineData("http://github.com")]
    [InlineData("http://10.0.0.1")]
    [InlineData("ftp://github.com")]
    [InlineData("https://user:secret@github.com")]
    [InlineData("https://github.com/octo-org")]
    public void Other_addresses_are_refused(string? text) => Assert.False(GitHubEndpoints.TryParse(text, out _));
}
