using Provisioner.Server.Configuration;

namespace Provisioner.Server.Store;

/// <summary>
/// Ties the folder of machines to the data folder whose rows want them. What no row wants is removed, so a server that came
/// to the same machines with other data would destroy all of them: it does not start.
/// </summary>
internal static class MachineFolder
{
    /// <summary>Whose rows want the machines, as no other is called: a shared store has those of other hosts too, so there the host's name is a part of it.</summary>
    public static string ServerId(ServerOptions options) =>
        options.Store.PostgreSql.Connection.Length > 0 ? $"{DataFolder.Id(options)} as {options.HostName} in PostgreSQL" : DataFolder.Id(options);

    /// <summary>The setting that names it, and the folder; null where machines have none.</summary>
    public static (string Key, string? Folder) Of(ServerOptions options) => options.Hypervisor switch
    {
        HypervisorKind.VirtualBox => ("virtualBox.machineFolder", options.VirtualBox.MachineFolder),
        HypervisorKind.Qemu => ("qemu.folder", options.Qemu.Folder),
        HypervisorKind.Simulated => ("simulated.folder", options.Simulated.Folder),
    };

    /// <exception cref="DataFolderException">The machines belong to other data, or the folder cannot be written.</exception>
    public static void Claim(ServerOptions options)
    {
        var (key, folder) = Of(options);
        if (folder is null)
        {
            return;
        }

        try
        {
            var own = ServerId(options);
            var owner = DataFolder.ReadOrMake(DataFolder.Make(folder), () => own);
            if (owner != own)
            {
                throw new DataFolderException(
                    $"{key}: the machines in {folder} belong to a server with another dataFolder than {options.DataFolder}, another store or another name. " +
                    $"Use its dataFolder, store and name, or another folder for machines; if that server is no more, delete {Path.Combine(folder, DataFolder.IdFile)}.");
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new DataFolderException($"{key}: {folder} cannot be used: {problem.Message}", problem);
        }
    }
}
