namespace Provisioner.GitHub;

/// <summary>A personal access token, fine-grained or classic. The `GITHUB_TOKEN` of a workflow can never manage runners.</summary>
public sealed class TokenCredential(string token) : GitHubCredential
{
    public override ValueTask<string> GetTokenAsync(RepositoryName repo, CancellationToken cancellationToken) => ValueTask.FromResult(token);

    public override string ToString() => "token ***";

    internal override string AccountOf(RepositoryName repo) => "token";
}
