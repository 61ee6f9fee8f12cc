namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>A snapshot of a base machine, from <c>snapshot list --machinereadable</c>.</summary>
internal sealed record SnapshotEntry(string Name, Guid Uuid, bool IsCurrent)
{
    public static IReadOnlyList<SnapshotEntry> ParseList(string output)
    {
        var values = new Dictionary<string, string>();
        var snapshots = new List<(string Name, Guid Uuid)>();
        foreach (var (key, value) in KeyValueText.Parse(output))
        {
            // SnapshotName-1-2 belongs to SnapshotUUID-1-2.
            values.TryAdd(key, value);
            if (key.StartsWith("SnapshotUUID", StringComparison.Ordinal) && Guid.TryParse(value, out var uuid))
            {
                snapshots.Add((values.GetValueOrDefault("SnapshotName" + key["SnapshotUUID".Length..], ""), uuid));
            }
        }

        var current = Guid.TryParse(values.GetValueOrDefault("CurrentSnapshotUUID"), out var named) ? named : Guid.Empty;
        return [.. snapshots.Select(s => new SnapshotEntry(s.Name, s.Uuid, s.Uuid == current))];
    }
}
