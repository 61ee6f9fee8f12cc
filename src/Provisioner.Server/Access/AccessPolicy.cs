namespace Provisioner.Server.Access;

/// <summary>
/// What workflows, and clients with a certificate, may do. Denied is what no rule allows; of those that do, the first counts. A caller is
/// told of no rule but of those that name its own repository or owner, and of these not what they want.
/// </summary>
internal sealed class AccessPolicy
{
    private volatile IReadOnlyList<PolicyRule> _rules = [];

    /// <summary>Puts other rules in the place of all that were. Who was let in before keeps what it was granted.</summary>
    public void Take(IReadOnlyList<PolicyRule> rules) => _rules = rules;

    public PolicyDecision Decide(WorkflowIdentity who)
    {
        var verdicts = Explain(who.Claims);
        return verdicts.FirstOrDefault(verdict => verdict.Fits)?.Rule is { } rule
            ? new PolicyDecision(new Grant([who.Repository.ToString()]) { Rule = rule.Name, Limits = rule.Limits }, rule.Name, $"The rule {rule.Name} allows it.")
            : verdicts.Where(verdict => verdict.Rule.Names(who.Claims)).MinBy(verdict => verdict.Misfits.Count) is { } nearest
            ? new PolicyDecision(null, nearest.Rule.Name, $"No rule allows it. The nearest is {nearest.Rule.Name}, but {string.Join(", and ", nearest.Misfits.Select(misfit => misfit.ToCaller()))}.")
            : new PolicyDecision(null, "", $"No rule names this repository or its owner: {Ids(who)}.");
    }

    /// <summary>What the client may do whose certificate has that name.</summary>
    public PolicyDecision DecideCertificate(string name) =>
        ExplainCertificate(name).FirstOrDefault(verdict => verdict.Fits)?.Rule is { } rule
            ? new PolicyDecision(new Grant(rule.Repositories) { Rule = rule.Name, Limits = rule.Limits }, rule.Name, $"The rule {rule.Name} allows it.")
            : new PolicyDecision(null, "", $"No rule names the certificate {ClaimText.Show(name)}.");

    /// <summary>Each rule for workflows, and what of the claims does not fit it: for the operator.</summary>
    public IReadOnlyList<RuleVerdict> Explain(IReadOnlyDictionary<string, string> claims) => Verdicts(claims, ofCertificates: false);

    /// <summary>The same of the rules for certificates.</summary>
    public IReadOnlyList<RuleVerdict> ExplainCertificate(string name) =>
        Verdicts(new Dictionary<string, string> { [PolicyClaims.Certificate] = name }, ofCertificates: true);

    private List<RuleVerdict> Verdicts(IReadOnlyDictionary<string, string> claims, bool ofCertificates) =>
        [.. _rules.Where(rule => rule.IsForCertificates == ofCertificates).Select(rule => new RuleVerdict(rule, [.. rule.Misfits(claims)]))];

    private static string Ids(WorkflowIdentity who) => string.Join(" and ", PolicyClaims.Ids.Select(claim =>
        who.Claims.TryGetValue(claim, out var id) ? $"{claim} is {ClaimText.Show(id)}" : $"there is no {claim}"));
}
