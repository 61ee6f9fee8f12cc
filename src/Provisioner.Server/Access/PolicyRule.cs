namespace Provisioner.Server.Access;

/// <summary>One rule: which claims a workflow must have, all of them, or which certificate a client, and what it may then ask for.</summary>
internal sealed record PolicyRule(string Name, IReadOnlyList<ClaimCondition> Who, GrantLimits Limits)
{
    /// <summary>Those of a client with a certificate. Empty for a workflow, whose VMs are of its own repository.</summary>
    public IReadOnlyList<string> Repositories { get; init; } = [];

    /// <summary>No workflow fits such a rule, whatever its token claims.</summary>
    public bool IsForCertificates => Who.Any(condition => condition.Claim == PolicyClaims.Certificate);

    public IEnumerable<Misfit> Misfits(IReadOnlyDictionary<string, string> claims) =>
        from condition in Who
        let value = claims.GetValueOrDefault(condition.Claim)
        where !condition.Allows(value)
        select new Misfit(condition, value);

    /// <summary>Whether it is about the repository or the owner of these claims, whatever else it wants.</summary>
    public bool Names(IReadOnlyDictionary<string, string> claims) =>
        Who.Where(condition => PolicyClaims.Ids.Contains(condition.Claim)).All(condition => condition.Allows(claims.GetValueOrDefault(condition.Claim)));
}
