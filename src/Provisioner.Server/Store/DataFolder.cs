using System.Globalization;
using Provisioner.Server.Configuration;

namespace Provisioner.Server.Store;

/// <summary>The folder that holds everything the server remembers: its owner's alone, and one server's at a time.</summary>
internal static class DataFolder
{
    public const string IdFile = ".server-id";
    private const string HolderFile = "server.pid"; // beside the lock: a locked file cannot be read
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes the folder, readable by its owner alone, unless it is there. Returns its full path.</summary>
    public static string Make(string path)
    {
        var folder = Path.GetFullPath(path);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        }

        return folder;
    }

    /// <summary>What distinguishes this folder from all others, kept in it.</summary>
    public static string Id(ServerOptions options) => ReadOrMake(Make(options.DataFolder), () => Guid.NewGuid().ToString());

    /// <summary>The id that stands in a folder, written there first if there is none.</summary>
    public static string ReadOrMake(string folder, Func<string> make)
    {
        var file = Path.Combine(folder, IdFile);
        if (!File.Exists(file))
        {
            // Whole or not there: half of it would be another server's for ever.
            File.WriteAllText(file + ".new", make());
            File.Move(file + ".new", file, overwrite: true);
        }

        return File.ReadAllText(file).Trim();
    }

    /// <summary>Takes a file, if it is there, from everybody but its owner: it may come from a copy made with a wider umask.</summary>
    public static void Close(string path)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(path) && File.GetUnixFileMode(path) != OwnerOnly)
        {
            File.SetUnixFileMode(path, OwnerOnly);
        }
    }

    /// <summary>Opens a file of the folder, made with the owner's rights alone from its first byte.</summary>
    public static FileStream OpenFile(string path, FileShare share)
    {
        var how = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows())
        {
            how.UnixCreateMode = OwnerOnly;
        }

        return new FileStream(path, how);
    }

    /// <summary>Writes a file of the folder: old or new, never half, also after a power cut.</summary>
    public static void Replace(string path, byte[] content)
    {
        var draft = path + ".new";
        File.Delete(draft);
        using (var stream = OpenFile(draft, FileShare.None))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(draft, path, overwrite: true);
    }

    /// <summary>Keeps every other server away from the folder for as long as this process lives: the operating system holds the lock.</summary>
    /// <exception cref="DataFolderException">Another server holds it, or the folder cannot be written.</exception>
    public static IDisposable Lock(ServerOptions options)
    {
        try
        {
            var folder = Make(options.DataFolder);
            var held = OpenFile(Path.Combine(folder, "server.lock"), FileShare.None);
            File.WriteAllText(Path.Combine(folder, HolderFile), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return held;
        }
        catch (UnauthorizedAccessException problem)
        {
            throw new DataFolderException($"dataFolder: {options.DataFolder} cannot be written: {problem.Message} Run as its owner, or set another dataFolder.", problem);
        }
        catch (IOException problem)
        {
            throw new DataFolderException($"dataFolder: {options.DataFolder} {Holder(options)}: {problem.Message}", problem);
        }
    }

    private static string Holder(ServerOptions options)
    {
        try
        {
            return $"is in use by the server with process id {File.ReadAllText(Path.Combine(options.DataFolder, HolderFile))}";
        }
        catch (IOException)
        {
            return "cannot be used";
        }
    }
}
