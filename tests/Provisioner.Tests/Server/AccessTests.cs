using Provisioner.GitHub;
using Provisioner.Server.Access;

namespace Provisioner.Tests.Server;

public sealed class AccessTests
{
    [Fact]
    public void A_token_is_read_back_and_never_shows_its_secret()
    {
        var token = ApiToken.Create();

        Assert.True(ApiToken.TryParse(token.Text, out var read));
        Assert.Equal(token.Hash, read.Hash);
        Assert.StartsWith("vbdp_", token.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(token.Text[20..], $"{token}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("vbdp_")]
    [InlineData("ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("vbdp_short_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void What_is_not_a_token_is_not_read_as_one(string? text) => Assert.False(ApiToken.TryParse(text, out _));

    [Theory]
    [InlineData("acme/gpu", "acme/gpu", true)]
    [InlineData("acme/gpu", "ACME/Gpu", true)]
    [InlineData("acme/gpu", "acme/gpu2", false)]
    [InlineData("acme/*", "acme/anything", true)]
    [InlineData("acme/*", "acme2/anything", false)]
    public void A_grant_covers_what_it_names(string pattern, string repository, bool covered) =>
        Assert.Equal(covered, new Grant([pattern]).Covers(RepositoryName.Parse(repository)));

    [Theory]
    [InlineData("acme/gpu", true)]
    [InlineData("acme/*", true)]
    [InlineData("*/*", false)]
    [InlineData("acme", false)]
    [InlineData("acme/..", false)]
    public void Only_repositories_and_owners_may_stand_in_a_grant(string pattern, bool valid) => Assert.Equal(valid, Grant.IsPattern(pattern));
}
