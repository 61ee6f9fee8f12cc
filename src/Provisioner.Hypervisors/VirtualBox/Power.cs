using Microsoft.Extensions.Logging;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>Switches machines on and off.</summary>
internal sealed partial class Power(VBoxHost host, ILogger logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Makes sure that the machine runs; false when it ran already.</summary>
    public async Task<bool> StartAsync(VmId id, CancellationToken cancellationToken)
    {
        var machine = await host.Machines.RequireAsync(id, cancellationToken);
        if (machine.Power == VmPower.On)
        {
            return false;
        }

        var result = await TryStartAsync(machine, cancellationToken);
        if (result is null or { Succeeded: true })
        {
            LogStarted(id);
            return true;
        }

        // A start that failed is not over when VBoxManage ends: the machine is still locked for a moment.
        await host.Machines.AwaitOffAsync(machine, Patience, cancellationToken);
        throw CannotStart(id, result);
    }

    /// <summary>Presses the machine's power button. Success if it is off.</summary>
    public async Task AskToStopAsync(SeenMachine machine, CancellationToken cancellationToken) =>
        await host.Manage.TryRunAsync(["controlvm", machine.Uuid, "acpipowerbutton"], cancellationToken);

    public async Task SwitchOffAsync(VmId id, CancellationToken cancellationToken)
    {
        if (await host.Machines.FindAsync(id, cancellationToken) is { Info: not null } machine)
        {
            await SwitchOffAsync(machine, cancellationToken);
        }
    }

    public async Task SwitchOffAsync(SeenMachine machine, CancellationToken cancellationToken)
    {
        if (machine.Power == VmPower.Off)
        {
            return;
        }

        var result = await TrySwitchOffAsync(machine, cancellationToken);
        if (await host.Machines.AwaitOffAsync(machine, Patience, cancellationToken))
        {
            LogSwitchedOff(machine.Id);
            return;
        }

        // Nothing answers in the machine's process.
        if (HeadlessProcess.TryKill(machine.Uuid) && await host.Machines.AwaitOffAsync(machine, Patience, cancellationToken))
        {
            LogKilled(machine.Id);
            return;
        }

        throw VBoxManage.Failed(["controlvm", "poweroff"], result);
    }

    // Null when VBoxManage did not end, yet the machine runs.
    private async Task<VBoxResult?> TryStartAsync(SeenMachine machine, CancellationToken cancellationToken)
    {
        try
        {
            return await host.Manage.PersistAsync(() => TryStartOnceAsync(machine, cancellationToken), cancellationToken);
        }
        catch (HypervisorException e) when (e.Fault == HypervisorFault.TimedOut)
        {
            if (await host.Machines.FindAsync(machine.Id, cancellationToken) is { Power: VmPower.On })
            {
                return null;
            }

            throw;
        }
    }

    // Locked is a machine that is running, or one that was switched off a moment ago.
    private async Task<VBoxResult> TryStartOnceAsync(SeenMachine machine, CancellationToken cancellationToken)
    {
        var result = await host.Changes.TryRunAsync(
            ["startvm", machine.Uuid, "--type", "headless"], host.Options.StartDeadline, cancellationToken);
        var runs = result.IsLocked && await host.Machines.FindAsync(machine.Id, cancellationToken) is { Power: VmPower.On };
        return runs ? new VBoxResult(0, "", "") : result;
    }

    private async Task<VBoxResult> TrySwitchOffAsync(SeenMachine machine, CancellationToken cancellationToken)
    {
        try
        {
            return await host.Manage.TryRunAsync(["controlvm", machine.Uuid, "poweroff"], cancellationToken);
        }
        catch (HypervisorException e) when (e.Fault == HypervisorFault.TimedOut)
        {
            return new VBoxResult(-1, "", e.Message);
        }
    }

    private HypervisorException CannotStart(VmId id, VBoxResult result) => new(HypervisorFault.CannotStart,
        File.Exists(host.Options.KernelDriver)
            ? $"Machine {id} could not be started: {result.Message}. See {Path.Combine(host.Mark.FolderOf(id), "Logs", "VBox.log")}."
            : $"Machine {id} could not be started: {KernelDriver.Missing(host.Options.KernelDriver)} ({result.Message})");

    [LoggerMessage(LogLevel.Information, "Started machine {Id}")]
    private partial void LogStarted(VmId id);

    [LoggerMessage(LogLevel.Information, "Switched machine {Id} off")]
    private partial void LogSwitchedOff(VmId id);

    [LoggerMessage(LogLevel.Warning, "The process of machine {Id} did not answer and was killed")]
    private partial void LogKilled(VmId id);
}
