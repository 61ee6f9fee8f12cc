using System.Globalization;

namespace Provisioner.Client.Text;

/// <summary>Memory, or the size of a disk, as people write it, in MiB: <c>4096</c>, <c>4096M</c>, <c>4G</c>, <c>4GiB</c>.</summary>
internal static class MemorySize
{
    public const string Rule = "a number of MiB, or a number with M or G, such as 4096 or 4G";

    private const int Largest = 16 * 1024 * 1024;

    private static readonly (string Suffix, int Factor)[] Units = [("gib", 1024), ("gb", 1024), ("g", 1024), ("mib", 1), ("mb", 1), ("m", 1), ("", 1)];

    public static bool TryParse(string text, out int mebibytes)
    {
        var (suffix, factor) = Units.First(unit => text.EndsWith(unit.Suffix, StringComparison.OrdinalIgnoreCase));
        var valid = int.TryParse(text[..^suffix.Length].TrimEnd(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number > 0 && (long)number * factor <= Largest;
        mebibytes = valid ? number * factor : 0;
        return valid;
    }
}
