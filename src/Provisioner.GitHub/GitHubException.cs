namespace Provisioner.GitHub;

/// <summary>GitHub did not do what it was asked. The message names cause and remedy, and never holds a secret.</summary>
public sealed class GitHubException(GitHubFault fault, string message, TimeSpan? retryAfter = null, Exception? inner = null)
    : Exception(message, inner)
{
    public GitHubFault Fault { get; } = fault;

    /// <summary>How long GitHub asked us to stay away, where it did.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
