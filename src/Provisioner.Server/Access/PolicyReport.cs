namespace Provisioner.Server.Access;

/// <summary>What the rules say of some claims, for the operator: he sees what each rule wants, as a caller does not.</summary>
internal static class PolicyReport
{
    public static IEnumerable<string> Lines(PolicyDecision decision, IReadOnlyList<RuleVerdict> verdicts)
    {
        var granting = decision.Grant is null ? null : verdicts.First(verdict => verdict.Fits);
        var others = verdicts.Where(verdict => verdict != granting).ToList();
        return
        [
            .. decision.Grant is { } grant ? Granted(decision.Rule, grant) : [$"Denied. The caller is told: {decision.Reason}"],
            .. others.Count == 0 ? Array.Empty<string>() : ["", granting is null ? "Why no rule fits:" : "The other rules:"],
            .. others.SelectMany(Why),
        ];
    }

    private static IEnumerable<string> Granted(string rule, Grant grant) =>
    [
        $"Granted by the rule {rule}.",
        $"  repository  {string.Join(", ", grant.Repositories)}",
        $"  images      {Names(grant.Limits.Images)}",
        $"  VMs         {grant.Limits.MaxVms} at the same time",
        $"  cpus        {grant.Limits.Cpus?.ToString() ?? Server}",
        $"  memory      {(grant.Limits.Memory is { } memory ? $"{memory} MiB" : Server)}",
        $"  disk        {(grant.Limits.Disk is { } disk ? $"{disk} MiB" : Server)}",
        $"  lifetime    {grant.Limits.Lifetime?.ToString("c") ?? Server}",
        $"  hardware    {Names(grant.Limits.Hardware)}",
        $"  labels      {Names(grant.Limits.Labels)}",
    ];

    private static IEnumerable<string> Why(RuleVerdict verdict) => verdict.Fits
        ? [$"  {verdict.Rule.Name}: fits too, but stands further down"]
        : [$"  {verdict.Rule.Name}", .. verdict.Misfits.Select(misfit => $"    {misfit.ToOperator()}")];

    private const string Server = "what the server gives to anybody";

    private static string Names(IReadOnlyList<string>? names) => names switch
    {
        null => "all",
        [] => "none",
        _ => string.Join(", ", names.Select(ClaimText.Show)),
    };
}
