using System.Globalization;
using System.Text.RegularExpressions;

namespace Provisioner.Client.Text;

/// <summary>Lengths of time as people write them: <c>90s</c>, <c>10m</c>, <c>1h30m</c>, <c>2d</c>, or <c>hh:mm:ss</c>.</summary>
internal static partial class Duration
{
    public const string Rule = "a number with its unit, such as 90s, 10m, 1h30m or 2d";

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (Written().Match(text) is { Success: true, Length: > 0 } match)
        {
            duration = TimeSpan.FromDays(Number(match, "d")) + TimeSpan.FromHours(Number(match, "h"))
                + TimeSpan.FromMinutes(Number(match, "m")) + TimeSpan.FromSeconds(Number(match, "s"));
            return true;
        }

        return text.Contains(':') && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration);
    }

    /// <summary>The two largest units that matter: <c>1h30m</c>, <c>10m</c>, <c>45s</c>.</summary>
    public static string Format(TimeSpan duration)
    {
        (int Count, string Unit)[] parts = [(duration.Days, "d"), (duration.Hours, "h"), (duration.Minutes, "m"), (duration.Seconds, "s")];
        var written = parts.SkipWhile(part => part.Count == 0).Take(2).Where(part => part.Count > 0).Select(part => $"{part.Count}{part.Unit}");
        return string.Concat(written) is { Length: > 0 } text ? text : "0s";
    }

    private static int Number(Match match, string unit) =>
        match.Groups[unit] is { Success: true } group ? int.Parse(group.ValueSpan, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"^(?=\d)(?:(?<d>\d{1,4})d)?(?:(?<h>\d{1,5})h)?(?:(?<m>\d{1,6})m)?(?:(?<s>\d{1,7})s)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Written();
}
