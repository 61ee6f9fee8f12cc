namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// The folders that have names of ours, and what the settings files in them say. A file is read when it is new or has changed, so
/// that looking at all of them costs a look at the clock of each.
/// </summary>
internal sealed class MachineFolders(VmMark mark)
{
    private readonly Lock gate = new();
    private Dictionary<VmId, Entry> entries = [];

    public enum Content
    {
        /// <summary>There are no settings that can be read.</summary>
        Unreadable,

        /// <summary>A clone that was cut short, or a machine of others.</summary>
        NotOurs,

        Complete,
    }

    public IReadOnlyDictionary<VmId, Entry> Read()
    {
        lock (gate)
        {
            return entries = Names().ToDictionary(id => id, Read);
        }
    }

    public IEnumerable<VmId> Names()
    {
        foreach (var folder in Directory.Exists(mark.Folder) ? Directory.EnumerateDirectories(mark.Folder) : [])
        {
            if (VmMark.TryParseName(Path.GetFileName(folder), out var id))
            {
                yield return id;
            }
        }
    }

    private Entry Read(VmId id)
    {
        var file = new FileInfo(mark.SettingsFileOf(id));
        var (written, length) = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
        return entries.TryGetValue(id, out var known) && known.Written == written && known.Length == length
            ? known
            : new Entry(ReadContent(id, file), written, length);
    }

    private Content ReadContent(VmId id, FileInfo file) => file.Exists && SettingsFile.TryRead(file.FullName) is { } settings
        ? mark.IsComplete(id, settings) ? Content.Complete : Content.NotOurs
        : Content.Unreadable;

    /// <param name="Content">What the settings file says.</param>
    /// <param name="Written">When the file was written; with its length it tells this version of the file from the next.</param>
    /// <param name="Length">The file's length in bytes.</param>
    internal sealed record Entry(Content Content, DateTime Written, long Length);
}
