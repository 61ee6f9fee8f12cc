namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// Guards a folder that has the name of ours and no machine in this VirtualBox, before it is deleted. It may hold a person's
/// files, or a machine that runs under another registration: that of another user, or of settings that lay elsewhere.
/// </summary>
internal static class AbandonedFolder
{
    private static readonly string[] OfMachine = [".vbox", ".vbox-prev", ".vbox-tmp", ".vbox.new", ".vdi", ".sav", ".nvram"];

    // Differences have the format of the disk that they are based on.
    private static readonly string[] OfSnapshots = [".vdi", ".vmdk", ".vhd", ".sav", ".nvram"];

    /// <exception cref="HypervisorException">Something in it is not VirtualBox's, or is in use.</exception>
    public static void RequireDead(string folder, Guid uuid)
    {
        if (Strangers(folder).FirstOrDefault() is { } stranger)
        {
            throw new HypervisorException(HypervisorFault.Failed,
                $"The folder {folder} was left alone: it holds {Path.GetRelativePath(folder, stranger)}, which VirtualBox has not made. Move the folder away, or delete it.");
        }

        // The files of a machine's process cannot be seen, even by its own user: it was started with root's rights.
        if ((HeadlessProcess.Find(uuid.ToString()) ?? OpenFiles.FindHolder(folder)) is { } pid)
        {
            throw new HypervisorException(HypervisorFault.Failed,
                $"The folder {folder} was left alone: process {pid} uses it. Switch its machine off where it is registered, under another user or another userHome, and remove it there.");
        }
    }

    private static IEnumerable<string> Strangers(string folder) => new DirectoryInfo(folder).EnumerateFileSystemInfos().SelectMany(entry => entry switch
    {
        DirectoryInfo { LinkTarget: null, Name: "Snapshots" } => Others(entry, file => OfSnapshots.Contains(Path.GetExtension(file.Name))),
        // Beside its logs VirtualBox puts pictures of screens that died.
        DirectoryInfo { LinkTarget: null, Name: "Logs" } => Others(entry, file => file.Name.StartsWith("VBox", StringComparison.Ordinal)),
        FileInfo { LinkTarget: null, Name: VmSeed.FileName } => [],
        FileInfo { LinkTarget: null } when OfMachine.Any(end => entry.Name.EndsWith(end, StringComparison.Ordinal)) || IsLog(entry.Name) => [],
        _ => new[] { entry.FullName },
    });

    private static IEnumerable<string> Others(FileSystemInfo folder, Func<FileSystemInfo, bool> isVirtualBoxs) =>
        ((DirectoryInfo)folder).EnumerateFileSystemInfos().Where(entry => entry is not FileInfo || !isVirtualBoxs(entry)).Select(entry => entry.FullName);

    private static bool IsLog(string name) =>
        name.StartsWith("VBox", StringComparison.Ordinal) && name.Contains(".log", StringComparison.Ordinal);
}
