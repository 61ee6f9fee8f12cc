namespace Provisioner.GitHub;

/// <summary>What we show to GitHub: an App's short-lived tokens, or one token given by the operator.</summary>
public abstract class GitHubCredential
{
    private protected GitHubCredential()
    {
    }

    public abstract ValueTask<string> GetTokenAsync(RepositoryName repo, CancellationToken cancellationToken);

    /// <summary>A token that may read workflow runs, which is a permission of its own.</summary>
    internal virtual ValueTask<string> GetRunTokenAsync(RepositoryName repo, CancellationToken cancellationToken) => GetTokenAsync(repo, cancellationToken);

    /// <summary>Drops a cached token that GitHub refused. Says whether another one can be had, so that asking again makes sense.</summary>
    internal virtual bool Forget(RepositoryName repo) => false;

    /// <summary>Names the account whose rate limits calls for this repository use up.</summary>
    internal abstract string AccountOf(RepositoryName repo);
}
