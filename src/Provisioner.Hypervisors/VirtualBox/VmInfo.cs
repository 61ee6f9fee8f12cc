namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>What <c>showvminfo</c> tells of one machine, as far as it matters here.</summary>
internal sealed record VmInfo
{
    public required string Name { get; init; }

    public required string SettingsFile { get; init; }

    /// <summary>VirtualBox's own word, such as <c>poweroff</c>.</summary>
    public required string State { get; init; }

    public string Description { get; init; } = "";

    /// <summary>The files of attached disks.</summary>
    public IReadOnlyList<string> Disks { get; init; } = [];

    public VmPower Power => State switch
    {
        "poweroff" or "saved" or "teleported" or "aborted" or "aborted-saved" => VmPower.Off,
        // We pause none: VirtualBox does when the host's disk is full, and the guest stands still.
        "gurumeditation" or "paused" => VmPower.Broken,
        _ => VmPower.On,
    };

    public static VmInfo Parse(string output)
    {
        var first = new Dictionary<string, string>();
        var disks = new List<string>();
        foreach (var (key, value) in KeyValueText.Parse(output))
        {
            // The first counts: what follows may come from a description that a person wrote.
            first.TryAdd(key, value);
            if (IsDisk(key, value))
            {
                disks.Add(value);
            }
        }

        return new VmInfo
        {
            Name = first.GetValueOrDefault("name", ""),
            SettingsFile = first.GetValueOrDefault("CfgFile", ""),
            State = first.GetValueOrDefault("VMState", "unknown"),
            Description = first.GetValueOrDefault("description", ""),
            Disks = disks,
        };
    }

    // "SATA-0-0"="/path/of/disk.vdi"; ISO images and empty drives are not disks.
    private static bool IsDisk(string key, string value) =>
        value.StartsWith('/') && key.Count(c => c == '-') >= 2 && char.IsAsciiDigit(key[^1])
        && !value.EndsWith(".iso", StringComparison.OrdinalIgnoreCase);
}
