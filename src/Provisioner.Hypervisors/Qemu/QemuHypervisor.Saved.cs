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
            folder.ForgetReport(); // it will report anew
            observations.Forget(id);
            LogSaved(id);
        }

        return true;
    }, cancellationToken);

    // The mark comes last: it names a state that is whole, in a disk that QEMU has closed and that would survive the loss of the host's power.
    private async Task SaveAsync(MachineFolder folder, RunningMachine machine, CancellationToken cancellationToken)
    {
        // A disk that fills up would stop the guests of all others.
        FullDisk.RequireFree(options.Folder, options.FreeSpaceReserveMegabytes + (folder.Load().MemoryMegabytes ?? options.DefaultMemoryMegabytes));
        var state = $"saved-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        try
        {
            await WithinAsync(TimeToSave, token => machine.SaveAsync(state, token), $"Saving the state of {folder.Id}", cancellationToken);
        }
        catch (IOException) when (disposed.IsCancellationRequested)
        {
            throw new OperationCanceledException(disposed.Token); // the next driver saves it
        }

        CrashPoint.Reach(CrashPoint.InsideSaving);
        await AskAsync(machine, machine.QuitAsync, options.Deadline, cancellationToken);
        var closed = machine.Ended.IsCompleted;
        await KillAsync(folder, cancellationToken);
        if (!closed)
        {
            throw new HypervisorException(HypervisorFault.TimedOut, $"The QEMU of {folder.Id} did not end within {options.Deadline.TotalSeconds:0} s of saving its state.");
        }

        await Task.Run(() => PrivateFiles.WriteThrough(folder.Disk), cancellationToken);
        folder.Save(folder.Load() with { State = state });
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

    [LoggerMessage(LogLevel.Information, "Saved the state of {Id}")]
    private partial void LogSaved(VmId id);

    [LoggerMessage(LogLevel.Warning, "{Id} does not go on from its saved state, and boots instead: {Problem}")]
    private partial void LogStateLost(VmId id, string problem);
}
