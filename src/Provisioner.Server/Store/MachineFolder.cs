using Provisioner.Server.Configuration;

namespace Provisioner.Server.Store;

/// <summary>
/// Ties the folder of machines to the data folder whose rows want them. What no row wants is removed, so a server that came
/// to the same machines with other data would destroy all of them: it does not start.
/// </summary>
internal static class MachineFolder
{
    private const string ServerIdFile = ".server-id";

    /// <exception cref="DataFolderException">The machines belong to other data, or the folder cannot be written.</exception>
    public static void Claim(ServerOptions options)
    {
        var (key, folder) = options.Hypervisor switch
        {
            HypervisorKind.VirtualBox => ("virtualBox.machineFolder", options.VirtualBox.MachineFolder),
            HypervisorKind.Qemu => ("qemu.folder", options.Qemu.Folder),
            HypervisorKind.Simulated => ("", null),
        };
        if (folder is null)
        {
            return;
        }

        try
        {
            var own = ReadOrMake(DataFolder.Make(options.DataFolder), () => Guid.NewGuid().ToString());
            var owner = ReadOrMake(DataFolder.Make(folder), () => own);
            if (owner != own)
            {
                throw new DataFolderException(
                    $"{key}: the machines in {folder} belong to a server with another dataFolder than {options.DataFolder}. " +
                    $"Use its dataFolder or another folder for machines; if that server is no more, delete {Path.Combine(folder, ServerIdFile)}.");
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new DataFolderException($"{key}: {folder} cannot be used: {problem.Message}", problem);
        }
    }

    private static string ReadOrMake(string folder, Func<string> make)
    {
        var file = Path.Combine(folder, ServerIdFile);
        if (!File.Exists(file))
        {
            File.WriteAllText(file, make());
        }

        return File.ReadAllText(file).Trim();
    }
}
