using System.Globalization;
using Provisioner.Server.Configuration;

namespace Provisioner.Server.Store;

/// <summary>The folder that holds everything the server remembers: its owner's alone, and one server's at a time.</summary>
internal static class DataFolder
{
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
