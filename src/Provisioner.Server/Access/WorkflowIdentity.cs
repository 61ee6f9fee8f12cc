using Provisioner.GitHub;

namespace Provisioner.Server.Access;

/// <summary>A workflow's job that has proved who it is, by a verified token of GitHub's (OpenID Connect).</summary>
/// <param name="Repository">The job's repository, from the claim <c>repository</c>: the only one whose runners it may make.</param>
/// <param name="RunId">The claim <c>run_id</c>.</param>
/// <param name="RunAttempt">The claim <c>run_attempt</c>.</param>
/// <param name="TokenId">The claim <c>jti</c>, different in each token.</param>
/// <param name="ExpiresAt">When the token ceases to be valid.</param>
/// <param name="Claims">All claims that are text, numbers or truth values, by name and as text (<c>true</c>, <c>42</c>).</param>
internal sealed record WorkflowIdentity(
    RepositoryName Repository, long RunId, int RunAttempt, string TokenId, DateTimeOffset ExpiresAt, IReadOnlyDictionary<string, string> Claims);
