using System.Text;
using System.Text.Json;

namespace Provisioner.Hypervisors.Qemu;

/// <summary>
/// The folder of one machine, <c>vbdp-ID</c>. Its mark is <c>vm.json</c>, written last and at once: a folder without it is a
/// leftover of ours when it holds nothing but files that we make, and otherwise somebody else's.
/// </summary>
internal sealed class MachineFolder(string root, VmId id)
{
    private const string Prefix = "vbdp-";

    private static readonly HashSet<string> OwnFiles =
    [
        "vm.json", "vm.json.new", "disk.qcow2", VmSeed.FileName, "report", "console.log", "console.old",
        "pid", "qmp.sock", "guest.sock", "console.sock", "passt.pid", "net.sock",
        // Of swtpm.
        "tpm.sock", "swtpm.pid", ".lock", "tpm2-00.permall", "tpm2-00.volatilestate", "tpm2-00.savestate",
    ];

    public VmId Id => id;

    public string Path { get; } = System.IO.Path.Combine(root, Prefix + id);

    public string Name => Prefix + id;

    public string Disk => File("disk.qcow2");

    public string Seed => File(VmSeed.FileName);

    public string PidFile => File("pid");

    public string PasstPidFile => File("passt.pid");

    public string TpmPidFile => File("swtpm.pid");

    public static IEnumerable<MachineFolder> All(string root)
    {
        var found = Directory.Exists(root) ? new DirectoryInfo(root).EnumerateDirectories(Prefix + "*") : [];
        foreach (var directory in found.Where(directory => directory.LinkTarget is null))
        {
            if (VmId.TryParse(directory.Name[Prefix.Length..], out var id))
            {
                yield return new MachineFolder(root, id);
            }
        }
    }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public FolderKind Look()
    {
        try
        {
            return LookInside();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return FolderKind.Missing; // Removed while we looked.
        }
        catch (UnauthorizedAccessException)
        {
            return FolderKind.Foreign;
        }
        catch (JsonException)
        {
            return FolderKind.Broken;
        }
    }

    public SavedMachine Load()
    {
        using var stream = System.IO.File.OpenRead(File("vm.json"));
        return JsonSerializer.Deserialize(stream, QemuJson.Default.SavedMachine) ?? throw new JsonException("vm.json is empty.");
    }

    /// <summary>Puts the mark: from now on the machine exists.</summary>
    public void Save(SavedMachine machine) =>
        PrivateFiles.Replace(File("vm.json"), JsonSerializer.SerializeToUtf8Bytes(machine, QemuJson.Default.SavedMachine));

    public GuestReport? LoadReport() =>
        System.IO.File.Exists(File("report")) && GuestReport.TryParse(System.IO.File.ReadAllText(File("report")), out var report)
            ? report
            : null;

    /// <summary>Kept, so that a server that was down when a guest failed still learns why.</summary>
    public void SaveReport(GuestReport report)
    {
        using var stream = PrivateFiles.Create(File("report"));
        stream.Write(Encoding.UTF8.GetBytes($"{report.Phase.ToString().ToLowerInvariant()}: {report.Detail}"));
    }

    public void ForgetReport() => System.IO.File.Delete(File("report"));

    /// <summary>Removes what a former life of the machine left: QEMU does not bind to a socket file that exists.</summary>
    public void ForgetLastRun()
    {
        foreach (var name in OwnFiles.Where(name => name is not ("vm.json" or "disk.qcow2" or VmSeed.FileName)))
        {
            System.IO.File.Delete(File(name));
        }
    }

    public void RestrictSockets()
    {
        foreach (var socket in OwnFiles.Select(File).Where(path => path.EndsWith(".sock", StringComparison.Ordinal) && System.IO.File.Exists(path)))
        {
            PrivateFiles.Restrict(socket);
        }
    }

    /// <summary>The mark goes first: what a crash leaves of the rest is then a leftover, not a machine without a disk.</summary>
    public void Remove()
    {
        System.IO.File.Delete(File("vm.json"));
        Directory.Delete(Path, recursive: true);
    }

    private FolderKind LookInside()
    {
        if (!Directory.Exists(Path))
        {
            return System.IO.File.Exists(Path) ? FolderKind.Foreign : FolderKind.Missing;
        }

        if (!System.IO.File.Exists(File("vm.json")))
        {
            return Directory.EnumerateFileSystemEntries(Path).All(IsOwnFile) ? FolderKind.Leftover : FolderKind.Foreign;
        }

        return Load().Mark == SavedMachine.OurMark ? FolderKind.Machine : FolderKind.Foreign;
    }

    private static bool IsOwnFile(string path) =>
        OwnFiles.Contains(System.IO.Path.GetFileName(path)) && !System.IO.File.GetAttributes(path).HasFlag(FileAttributes.Directory);
}
