using System.Text.RegularExpressions;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>A disk in VirtualBox's registry, from <c>list hdds</c>.</summary>
internal sealed partial record Hdd(string Uuid, string Location)
{
    public static IReadOnlyList<Hdd> ParseList(string output) =>
        [.. Entry().Matches(output).Select(m => new Hdd(m.Groups["uuid"].Value, m.Groups["location"].Value.TrimEnd('\r')))];

    [GeneratedRegex(@"^UUID: +(?<uuid>[0-9a-f-]{36})\r?\n(?:(?!UUID:|Location:).*\n)*Location: +(?<location>.*)", RegexOptions.Multiline)]
    private static partial Regex Entry();
}
