using Microsoft.Extensions.Logging;

namespace Provisioner.Hypervisors.Qemu;

public sealed partial class QemuHypervisor
{
    public Task<IReadOnlyList<SeenVm>> ListAsync(CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        await AdoptedAsync(cancellationToken);
        var seen = await Task.WhenAll(MachineFolder.All(options.Folder).Select(folder => LookAsync(folder, cancellationToken)));
        return (IReadOnlyList<SeenVm>)[.. seen.OfType<SeenVm>()];
    }, cancellationToken);

    /// <summary>Completes when what a former life of the server left has been found: looked for once, and again if that failed.</summary>
    private Task AdoptedAsync(CancellationToken cancellationToken)
    {
        lock (adopting)
        {
            adoption = adoption is null or { IsFaulted: true } ? AdoptAsync(disposed.Token) : adoption;
            return adoption.WaitAsync(cancellationToken);
        }
    }

    /// <summary>What a former life of the server left: reports are heard again, half-made folders are swept.</summary>
    private async Task AdoptAsync(CancellationToken cancellationToken)
    {
        foreach (var folder in MachineFolder.All(options.Folder))
        {
            if (folder.Look() is FolderKind.Leftover)
            {
                await SweepAsync(folder, cancellationToken);
            }
            else if (folder.Look() is FolderKind.Machine && folder.LoadReport() is { } report)
            {
                observations.Publish(new VmObservation(folder.Id, report));
            }
        }

        await Task.WhenAll(MachineFolder.All(options.Folder).Select(folder => LookAsync(folder, cancellationToken)));
    }

    private async Task SweepAsync(MachineFolder folder, CancellationToken cancellationToken)
    {
        using var turn = await locks.EnterAsync(folder.Id, cancellationToken);
        if (folder.Look() is FolderKind.Leftover)
        {
            folder.Remove();
            LogSwept(folder.Path);
        }
    }

    private async Task<SeenVm?> LookAsync(MachineFolder folder, CancellationToken cancellationToken) => folder.Look() switch
    {
        FolderKind.Machine => new SeenVm(folder.Id, await PowerAsync(folder, cancellationToken)),
        FolderKind.Broken => new SeenVm(folder.Id, VmPower.Broken),
        FolderKind.Missing or FolderKind.Leftover or FolderKind.Foreign => null,
    };

    private async Task<VmPower> PowerAsync(MachineFolder folder, CancellationToken cancellationToken)
    {
        if (running.TryGetValue(folder.Id, out var machine))
        {
            return machine.IsPaused ? VmPower.Broken : VmPower.On;
        }

        using var process = RecordedProcess.Find(folder.PidFile);
        return process is null ? VmPower.Off : await AdoptAsync(folder, process, cancellationToken);
    }

    private async Task<VmPower> AdoptAsync(MachineFolder folder, RecordedProcess process, CancellationToken cancellationToken)
    {
        // One that did not answer for a whole deadline is not asked each time again.
        if (silent.TryGetValue(folder.Id, out var pid) && pid == process.Id)
        {
            return VmPower.Broken;
        }

        using var turn = await locks.EnterAsync(folder.Id, cancellationToken);
        if (running.ContainsKey(folder.Id) || !process.IsAlive)
        {
            return process.IsAlive ? VmPower.On : VmPower.Off;
        }

        try
        {
            await ConnectAsync(folder, justStarted: false, cancellationToken);
            LogAdopted(folder.Id, process.Id);
            return VmPower.On;
        }
        catch (Exception e) when (e is HypervisorException or IOException)
        {
            silent[folder.Id] = process.Id;
            LogSilent(folder.Id, process.Id, e.Message);
            return process.IsAlive ? VmPower.Broken : VmPower.Off;
        }
    }

    [LoggerMessage(LogLevel.Information, "Found {Id} running as process {Pid}")]
    private partial void LogAdopted(VmId id, int pid);

    [LoggerMessage(LogLevel.Warning, "The QEMU of {Id}, process {Pid}, does not answer: {Problem}")]
    private partial void LogSilent(VmId id, int pid, string problem);

    [LoggerMessage(LogLevel.Information, "Swept {Folder}, left by a clone or a removal that was cut short")]
    private partial void LogSwept(string folder);
}
