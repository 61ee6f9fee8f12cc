using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// How a machine is known to be ours: by its name, its folder, and extra data that names its own UUID (clones inherit extra
/// data, so that a value that names another machine counts for nothing). The UUID itself follows from folder and id: a half-made
/// clone is found again after a crash, and a machine whose settings are lost is still known.
/// </summary>
internal sealed class VmMark(string machineFolder)
{
    /// <summary>Extra data that names the machine's own UUID.</summary>
    public const string Key = "VBDP/Uuid";

    /// <summary>Extra data that names the settings file of the base machine.</summary>
    public const string BaseKey = "VBDP/Base";

    private const string Prefix = "vbdp-";

    /// <summary>The description that is written last: a clone that has it is complete.</summary>
    public static string DescriptionOf(VmId id) => $"Runner machine {id} of virtualbox-server. Made and removed by it: do not edit.";

    public string Folder { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(machineFolder));

    public static string NameOf(VmId id) => Prefix + id;

    public string FolderOf(VmId id) => Path.Combine(Folder, NameOf(id));

    public string SettingsFileOf(VmId id) => Path.Combine(FolderOf(id), NameOf(id) + ".vbox");

    public Guid UuidOf(VmId id)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{Folder}\n{id}")).AsSpan(0, 16);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80); // version 8: made by a rule of our own (RFC 9562)
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash, bigEndian: true);
    }

    public static bool TryParseName(string name, out VmId id)
    {
        id = default;
        return name.StartsWith(Prefix, StringComparison.Ordinal) && VmId.TryParse(name[Prefix.Length..], out id);
    }

    /// <summary>Whether the settings file of this id is that of a machine of ours: somebody may have put theirs there.</summary>
    public bool IsOurs(VmId id, [NotNullWhen(true)] SettingsFile? settings) =>
        settings is not null && settings.Uuid == UuidOf(id) && settings.Name == NameOf(id);

    public bool IsComplete(VmId id, [NotNullWhen(true)] SettingsFile? settings) =>
        IsOurs(id, settings) && IsComplete(id, settings.Description)
        && settings.ExtraData.GetValueOrDefault(Key) == settings.Uuid.ToString();

    public static bool IsComplete(VmId id, VmInfo info) => IsComplete(id, info.Description);

    public bool IsOurs(VmId id, [NotNullWhen(true)] VmInfo? info) =>
        info is not null && info.Name == NameOf(id) && info.SettingsFile == SettingsFileOf(id);

    // Somebody may add a note.
    private static bool IsComplete(VmId id, string description) => description.StartsWith(DescriptionOf(id), StringComparison.Ordinal);
}
