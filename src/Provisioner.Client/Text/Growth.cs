namespace Provisioner.Client.Text;

/// <summary>What has come to a text of which only the last part is kept. Pure.</summary>
internal static class Growth
{
    // Long enough not to be found where it is not, short enough not to be cut while little comes.
    private const int Anchor = 256;

    /// <summary>The part of <paramref name="now"/> that <paramref name="before"/> has not; all of it where so much came that they share nothing.</summary>
    public static string Of(string before, string now)
    {
        if (now.StartsWith(before, StringComparison.Ordinal))
        {
            return now[before.Length..];
        }

        var anchor = before.Length > Anchor ? before[^Anchor..] : before;
        var found = now.LastIndexOf(anchor, StringComparison.Ordinal);
        return found < 0 ? now : now[(found + anchor.Length)..];
    }
}
