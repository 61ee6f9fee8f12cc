using System.Security.Cryptography;

namespace Provisioner.HypervisorTests;

/// <summary>What links lead to that another user puts: files and folders of this user, of which nothing may be changed.</summary>
internal sealed class Bait : IDisposable
{
    private readonly string before;

    public Bait()
    {
        Directory.CreateDirectory(Path.Combine(Folder, "full"));
        Directory.CreateDirectory(Empty);
        foreach (var name in new[] { "full/thesis.txt", "vm.json", "disk.qcow2", "provisioner.db" })
        {
            File.WriteAllText(Path.Combine(Folder, name), "theirs");
        }

        // All may come and see, so that links into it are good.
        File.SetUnixFileMode(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        before = Fingerprint();
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("vbdp-bait-").FullName;

    public string Empty => Path.Combine(Folder, "empty");

    public void AssertUntouched() => Assert.Equal(before, Fingerprint());

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private string Fingerprint() => string.Join('\n', new DirectoryInfo(Folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Prepend(new DirectoryInfo(Folder))
        .Select(entry => $"{entry.FullName} {entry.UnixFileMode} {entry.LastWriteTimeUtc:O} {(entry is FileInfo file ? Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file.FullName))) : "")}")
        .Order(StringComparer.Ordinal));
}
