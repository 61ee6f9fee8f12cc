namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// A file that hands a command with a secret in it to VBoxManage, which reads its arguments from it: an argument list can be
/// read by every user of this host. In memory, readable by this user only, and gone after the one call.
/// </summary>
internal sealed class SecretFile : IDisposable
{
    private const string Prefix = "vbdp-arguments-";

    private SecretFile(string path) => Path = path;

    public string Path { get; }

    /// <exception cref="HypervisorException">An argument holds what cannot be written down safely; it is not told which.</exception>
    public static async Task<SecretFile> WriteAsync(string folder, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        if (arguments.Any(argument => argument.Any(c => c is < ' ' or > '~' or '\'')))
        {
            throw new HypervisorException(HypervisorFault.Failed, "The configuration is not base64.");
        }

        var file = new SecretFile(System.IO.Path.Combine(folder, Prefix + Guid.NewGuid().ToString("N")));
        try
        {
            await using var writer = new StreamWriter(file.Path, OnlyForThisUser());
            await writer.WriteAsync(string.Join(' ', arguments.Select(argument => $"'{argument}'")).AsMemory(), cancellationToken);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Deletes what a server that was killed during a call may have left. Younger files may be in use by another server.</summary>
    public static void Sweep(string folder, DateTimeOffset now, TimeSpan age)
    {
        // That the folder is missing is said where the options are checked.
        var files = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, Prefix + "*") : [];
        foreach (var file in files.Where(file => (now - File.GetLastWriteTimeUtc(file)).Duration() > age))
        {
            TryDelete(file);
        }
    }

    public void Dispose() => File.Delete(Path);

    private static FileStreamOptions OnlyForThisUser()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    private static void TryDelete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            // Another user's: theirs to sweep.
        }
    }
}
