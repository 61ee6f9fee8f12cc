namespace Provisioner.Server.Access;

/// <summary>A rule, and what of some claims does not fit it.</summary>
internal sealed record RuleVerdict(PolicyRule Rule, IReadOnlyList<Misfit> Misfits)
{
    public bool Fits => Misfits.Count == 0;
}
