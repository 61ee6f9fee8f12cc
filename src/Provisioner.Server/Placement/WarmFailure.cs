namespace Provisioner.Server.Placement;

/// <summary>A warm VM that failed a while ago.</summary>
/// <param name="Image">Of which image.</param>
/// <param name="Recipe">What it was made from.</param>
/// <param name="Ended">When its machine was gone; null while it is not.</param>
/// <param name="Cause">Why it failed.</param>
internal sealed record WarmFailure(string Image, string Recipe, DateTimeOffset? Ended, string Cause)
{
    /// <summary>For how long a failure counts.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    private static readonly TimeSpan First = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>Whether another may be made after these: the more have failed within the hour, the longer that waits. A broken image must not keep the host at work.</summary>
    public static bool IsPauseOver(IReadOnlyCollection<WarmFailure> failures, DateTimeOffset now)
    {
        if (failures.Count == 0)
        {
            return true;
        }

        var pause = First * Math.Pow(2, Math.Min(failures.Count - 1, 10));
        return failures.All(failure => failure.Ended is { } ended && now - ended >= (pause < Longest ? pause : Longest));
    }
}
