namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>What <c>showvminfo</c> tells of one machine, as far as it matters here.</summary>
internal sealed record VmInfo
{
    public required string Name { get; init; }

    public required string SettingsFile { get; init; }

    /// <summary>VirtualBox's own word, such as <c>poweroff</c>.</summary>
    public required string State { get; init; }

    public IReadOnlyList<Forwarding> Forwardings { get; init; } = [];

    public IReadOnlyList<string> SharedFolders { get; init; } = [];

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
        var forwardings = new List<Forwarding>();
        var folders = new List<string>();
        var disks = new List<string>();
        var nic = 1;
        foreach (var (key, value) in KeyValueText.Parse(output))
        {
            // The first counts: what follows may come from a description that a person wrote.
            first.TryAdd(key, value);
            nic = NicOf(key) ?? nic;
            if (key.StartsWith("Forwarding(", StringComparison.Ordinal))
            {
                forwardings.Add(new(nic, value.Split(',')[0]));
            }
            else if (key.StartsWith("SharedFolderNameMachineMapping", StringComparison.Ordinal))
            {
                folders.Add(value);
            }
            else if (IsDisk(key, value))
            {
                disks.Add(value);
            }
        }

        return new VmInfo
        {
            Name = first.GetValueOrDefault("name", ""),
            SettingsFile = first.GetValueOrDefault("CfgFile", ""),
            State = first.GetValueOrDefault("VMState", "unknown"),
            Forwardings = forwardings,
            SharedFolders = folders,
            Disks = disks,
        };
    }

    // Forwarding rules follow the adapter that they belong to: nic1="nat", ..., Forwarding(0)="rule,tcp,,2222,,22".
    private static int? NicOf(string key) =>
        key.Length == 4 && key.StartsWith("nic", StringComparison.Ordinal) && char.IsAsciiDigit(key[3]) ? key[3] - '0' : null;

    // "SATA-0-0"="/path/of/disk.vdi"; ISO images and empty drives are not disks.
    private static bool IsDisk(string key, string value) =>
        value.StartsWith('/') && key.Count(c => c == '-') >= 2 && char.IsAsciiDigit(key[^1])
        && !value.EndsWith(".iso", StringComparison.OrdinalIgnoreCase);

    /// <summary>A port of the host that leads into the guest.</summary>
    internal readonly record struct Forwarding(int Nic, string Rule);
}
