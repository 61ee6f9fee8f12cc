using Provisioner.GitHub;

namespace Provisioner.Tests.GitHub;

public sealed class RepositoryNameTests
{
    [Theory]
    [InlineData("octo-org/octo.repo_1", "octo-org", "octo.repo_1")]
    [InlineData("a/b", "a", "b")]
    public void A_repository_is_an_owner_and_a_name(string text, string owner, string name)
    {
        Assert.True(RepositoryName.TryParse(text, out var repository));

        Assert.Equal((owner, name), (repository.Owner, repository.Name));
        Assert.Equal(text, repository.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("a/b/c")]
    [InlineData("/b")]
    [InlineData("a/")]
    [InlineData("a/..")]
    [InlineData("./b")]
    [InlineData("a b/c")]
    [InlineData("a/b?x=1")]
    [InlineData("a/b%2f")]
    [InlineData("a/bä")]
    [InlineData("a/b\n")]
    public void What_could_change_the_path_of_a_call_is_no_repository(string? text) => Assert.False(RepositoryName.TryParse(text, out _));
}
