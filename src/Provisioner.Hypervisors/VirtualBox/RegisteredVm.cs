using System.Text.RegularExpressions;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>A line of <c>list vms</c> or <c>list runningvms</c>: <c>"name" {uuid}</c>, in which nothing is escaped.</summary>
internal sealed partial record RegisteredVm(string Name, Guid Uuid)
{
    /// <summary>Stands for the name where the settings file cannot be read.</summary>
    public const string Inaccessible = "<inaccessible>";

    // A name may hold quotes, braces and line breaks: only the UUID at a line's end is certain, and all before it is the name.
    public static IReadOnlyList<RegisteredVm> ParseList(string output)
    {
        var machines = new List<RegisteredVm>();
        var start = 0;
        foreach (Match end in LineEnd().Matches(output))
        {
            var name = output[start..end.Index];
            machines.Add(new(name.StartsWith('"') ? name[1..] : name, Guid.Parse(end.Groups["uuid"].ValueSpan)));
            start = end.Index + end.Length;
        }

        return machines;
    }

    /// <summary>Those of them that have name and UUID of a machine of ours.</summary>
    public static IEnumerable<VmId> Ours(IEnumerable<RegisteredVm> machines, VmMark mark)
    {
        foreach (var machine in machines)
        {
            if (VmMark.TryParseName(machine.Name, out var id) && machine.Uuid == mark.UuidOf(id))
            {
                yield return id;
            }
        }
    }

    [GeneratedRegex(@""" \{(?<uuid>[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\}\r?(\n|\z)")]
    private static partial Regex LineEnd();
}
