using Provisioner.Contracts;
using Provisioner.Server.Audit;
using Provisioner.Server.Observability;
using Provisioner.Server.Store;

namespace Provisioner.Server.Access;

/// <summary>
/// A workflow's token in, a caller out: the token is verified, the policy asked, and, for a call that changes something, the token used
/// up. What the policy grants is narrowed to the repository that the token names.
/// </summary>
internal sealed partial class WorkflowAuthentication(
    IdTokenVerifier verifier, AccessPolicy policy, UsedTokenTable used, Refusals refusals, TimeProvider wall, ILogger<WorkflowAuthentication> logger)
{
    public string Audience => verifier.Audience;

    /// <param name="text">The token.</param>
    /// <param name="changes">Whether the call changes something, so that the token may not do so again.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The caller; or the policy's refusal; or when to come again, while GitHub's keys cannot be read; or nothing, for a token that is not accepted.</returns>
    public async Task<(Caller? Caller, PolicyDecision? Refusal, TimeSpan? ComeAgain)> AuthenticateAsync(string text, bool changes, CancellationToken cancellationToken)
    {
        var verdict = await verifier.VerifyAsync(text, cancellationToken);
        if (verdict.Who is not { } who)
        {
            Log(verdict);
            return (null, null, verdict.ComeAgain);
        }

        // Asked first, so that a workflow that may do nothing writes nothing either.
        var decision = policy.Decide(who);
        if (decision.Grant is not { } grant)
        {
            ServerMeter.Denials.Add(1, new KeyValuePair<string, object?>("rule", decision.Rule));
            LogDenied(who.TokenId, who.Repository.ToString(), who.RunId, decision.Rule, decision.Reason);
            refusals.Note(new AuditEntry(Name(who), AuditAction.VmDenied)
            {
                Repository = who.Repository.ToString(),
                Run = who.RunId,
                Outcome = ProblemCode.Forbidden,
                Detail = decision.Rule.Length > 0 ? $"rule {decision.Rule}: {decision.Reason}" : decision.Reason,
            });
            return (null, decision, null);
        }

        if (changes && !used.Use(who.TokenId, who.ExpiresAt + IdTokenClaims.Leeway, wall.GetUtcNow()))
        {
            LogReplayed(who.TokenId, who.Repository.ToString(), who.RunId);
            return (null, null, null);
        }

        LogAccepted(who.TokenId, who.Repository.ToString(), who.RunId, who.RunAttempt, decision.Rule);
        return (new Caller(Name(who), grant) { Workflow = who }, null, null);
    }

    private static string Name(WorkflowIdentity who) => $"workflow:{who.Repository} (run {who.RunId}, attempt {who.RunAttempt})";

    // Anybody may send what GitHub has not signed, as often as he likes: that is not worth a line in a log that people read.
    private void Log(IdTokenVerdict verdict)
    {
        if (verdict.Signed)
        {
            LogRefused(verdict.Problem);
        }
        else
        {
            LogForged(verdict.Problem);
        }
    }

    [LoggerMessage(LogLevel.Information, "Accepted token {TokenId} of {Repository}, run {RunId}, attempt {Attempt}, by rule {Rule}")]
    private partial void LogAccepted(string tokenId, string repository, long runId, int attempt, string rule);

    [LoggerMessage(LogLevel.Information, "Denied token {TokenId} of {Repository}, run {RunId}: rule '{Rule}', {Reason}")]
    private partial void LogDenied(string tokenId, string repository, long runId, string rule, string reason);

    [LoggerMessage(LogLevel.Warning, "Refused token {TokenId} of {Repository}, run {RunId}: it has been used before")]
    private partial void LogReplayed(string tokenId, string repository, long runId);

    [LoggerMessage(LogLevel.Information, "Refused a token that GitHub has signed: {Problem}")]
    private partial void LogRefused(string problem);

    [LoggerMessage(LogLevel.Debug, "Refused a token: {Problem}")]
    private partial void LogForged(string problem);
}
