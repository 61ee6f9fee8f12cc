using System.Text;

namespace Provisioner.Client.Text;

/// <summary>Ids that hold as the name of a VM, of a runner and of a label at once.</summary>
internal static class Slug
{
    public const int MaxLength = 63;

    public const string Rule = "1 to 63 lower-case letters, digits and dashes, beginning with a letter or digit";

    public static bool IsValid(string text) =>
        text is { Length: > 0 and <= MaxLength } && text[0] != '-' && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    /// <summary>The nearest valid text, empty if nothing of it is left: letters in lower case, everything else one dash.</summary>
    public static string From(string text, int maxLength = MaxLength)
    {
        var slug = new StringBuilder();
        foreach (var c in text.ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                slug.Append(c);
            }
            else if (slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }
        }

        return slug.ToString(0, Math.Min(slug.Length, maxLength)).TrimEnd('-');
    }
}
