namespace Provisioner.Server.Access;

/// <summary>A claim that does not fit a rule.</summary>
/// <param name="Condition">What the rule wants.</param>
/// <param name="Value">What the token has; null when it has no such claim.</param>
internal sealed record Misfit(ClaimCondition Condition, string? Value)
{
    /// <summary>Without what the rule wants: its values may name repositories, people and environments that are not the caller's.</summary>
    public string ToCaller() =>
        Value is null ? $"the token has no {Condition.Claim}"
        : Condition.IsWritten ? $"{Condition.Claim} is {ClaimText.Show(Value)}"
        : $"{Condition.Claim} is {ClaimText.Show(Value)}, which fits only a rule that names it";

    public string ToOperator() => $"{ToCaller()}; it wants {string.Join(", ", Condition.Values.Select(ClaimText.Show))}{(Condition.IsWritten ? "" : $", because it says nothing of {Condition.Claim}")}";
}
