namespace Provisioner.Server.Access;

/// <summary>The values that a rule allows one claim to have.</summary>
/// <param name="Claim">Its name.</param>
/// <param name="Values">Each exact; one that ends in <c>*</c> allows what begins with the text before it.</param>
/// <param name="IsWritten">False where the rule says nothing of the claim, and only what is harmless fits.</param>
internal sealed record ClaimCondition(string Claim, IReadOnlyList<string> Values, bool IsWritten = true)
{
    /// <summary>A claim that is not there never fits.</summary>
    public bool Allows(string? value) => value is not null && Values.Any(allowed =>
        PolicyClaims.MayHaveStar(Claim) && allowed.EndsWith('*') ? value.StartsWith(allowed[..^1], StringComparison.Ordinal) : value == allowed);
}
