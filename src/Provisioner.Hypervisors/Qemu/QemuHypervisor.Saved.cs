using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Provisioner.Hypervisors.Qemu;

public sealed partial class QemuHypervisor
{
    /// <summary>A guest's memory goes through the disk.</summary>
    private static readonly TimeSpan TimeToSave = TimeSpan.FromMinutes(4);

    public Task EnsureSavedAsync(VmId id, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        await AdoptedAsync(cancellationToken);
        var folder = Folder(id);
        using var turn = await locks.EnterAsync(id, cancellationToken);
        if (folder.Look() is not FolderKind.Machine)
        {
            throw new HypervisorException(HypervisorFault.NotFound, $"There is no machine {id} whose state could be saved.");
        }

        if (running.TryGetValue(id, out var machine))
        {
            await SaveAsync(folder, machine, cancellationToken);
            await SwitchOffAsync(folder, cancellationToken);
            folder.ForgetReport(); // it will report anew
            observations.Forget(id);
            LogSaved(id);
        }

        return true;
    }, cancellationToken);

    // The mark follows the state, and names it: a state that was cut short is never gone on from, and one that is whole is not saved again.
    private async Task SaveAsync(MachineFolder folder, RunningMachine machine, CancellationToken cancellationToken)
    {
        var saved = folder.Load();
        if (saved.State is not null)
        {
            return;
        }

        // A disk that fills up would stop the guests of all others.
        FullDisk.RequireFree(options.Folder, options.FreeSpaceReserveMegabytes + (saved.MemoryMegabytes ?? options.DefaultMemoryMegabytes));
        var state = $"saved-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        await WithinAsync(TimeToSave, token => machine.SaveAsync(state, token), $"Saving the state of {folder.Id}", cancellationToken);
        CrashPoint.Reach(CrashPoint.InsideSaving);
        machine.Keep(machine.Saved with { State = state });
    }

    /// <summary>A state from which this QEMU does not go on, such as that of another version, costs a boot. The disk is whole: it was closed.</summary>
    private async Task StartOrBootAsync(MachineFolder folder, CancellationToken cancellationToken)
    {
        try
        {
            await StartAsync(folder, cancellationToken);
        }
        catch (HypervisorException e) when (e.Fault is HypervisorFault.CannotStart or HypervisorFault.TimedOut && folder.Load().State is not null)
        {
            LogStateLost(folder.Id, e.Message);
            folder.Save(folder.Load() with { State = null });
            await StartAsync(folder, cancellationToken);
        }
    }

    /// <summary>No two guests go on from one state: they would draw the same random numbers.</summary>
    private void ForgetState(MachineFolder folder)
    {
        if (running.TryGetValue(folder.Id, out var machine) && machine.Saved.State is not null)
        {
            machine.Keep(machine.Saved with { State = null });
        }
    }

    [LoggerMessage(LogLevel.Information, "Saved the state of {Id}")]
    private partial void LogSaved(VmId id);

    [LoggerMessage(LogLevel.Warning, "{Id} does not go on from its saved state, and boots instead: {Problem}")]
    private partial void LogStateLost(VmId id, string problem);
}
