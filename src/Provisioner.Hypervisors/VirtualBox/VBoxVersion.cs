using System.Text.RegularExpressions;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>A version of VirtualBox, such as <c>7.2.22</c>.</summary>
internal sealed partial record VBoxVersion(int Major, int Minor, int Patch)
{
    /// <summary>6.1 is the oldest that has the options that clones need.</summary>
    public bool IsSupported => (Major, Minor).CompareTo((6, 1)) >= 0;

    /// <summary>7.0 renamed many options of modifyvm, and lets NAT close the host's loopback.</summary>
    public bool HasNewOptions => Major >= 7;

    /// <summary>Reads the output of <c>--version</c>: warnings may come before it, and a build name follows the numbers.</summary>
    public static VBoxVersion? Parse(string output)
    {
        var match = Numbers().Match(output);
        return match.Success ? new(Part(match, 1), Part(match, 2), Part(match, 3)) : null;
    }

    public override string ToString() => $"{Major}.{Minor}.{Patch}";

    private static int Part(Match match, int group) => int.Parse(match.Groups[group].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(\d{1,4})\.(\d{1,4})\.(\d{1,4})", RegexOptions.Multiline)]
    private static partial Regex Numbers();
}
