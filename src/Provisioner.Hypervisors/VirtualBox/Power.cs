using Microsoft.Extensions.Logging;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>Switches machines on and off.</summary>
internal sealed partial class Power(VBoxHost host, ILogger logger)
{
    /// <summary>For a start from a saved state: one that hangs must leave time for a boot in its place.</summary>
    private static readonly TimeSpan TimeToGoOn = TimeSpan.FromSeconds(90);

    /// <summary>Makes sure that the machine runs. A saved state from which it does not go on costs a boot.</summary>
    public async Task<StartKind> StartAsync(VmId id, CancellationToken cancellationToken)
    {
        var settings = host.ReadSettings(id);
        if (!host.Mark.IsComplete(id, settings))
        {
            await host.Machines.RequireAsync(id, cancellationToken);
        }

        if (settings is not { HasState: true })
        {
            return await BootAsync(id, host.Options.StartDeadline, cancellationToken) ? StartKind.Booted : StartKind.RanAlready;
        }

        try
        {
            var deadline = host.Options.StartDeadline < TimeToGoOn ? host.Options.StartDeadline : TimeToGoOn;
            return await BootAsync(id, deadline, cancellationToken) ? StartKind.WentOn : StartKind.RanAlready;
        }
        catch (HypervisorException e) when (e.Fault is HypervisorFault.CannotStart or HypervisorFault.TimedOut)
        {
            if (!await TryDiscardStateAsync(id, cancellationToken))
            {
                throw;
            }

            LogStateLost(id, e.Message);
            return await BootAsync(id, host.Options.StartDeadline, cancellationToken) ? StartKind.Booted : StartKind.RanAlready;
        }
    }

    /// <summary>Makes sure that the machine is off, and has its state where it ran.</summary>
    public async Task SaveStateAsync(VmId id, CancellationToken cancellationToken)
    {
        if (await host.Machines.FindAsync(id, cancellationToken) is not { Info: not null } machine)
        {
            throw Machines.NotFound(id);
        }

        if (machine.Power == VmPower.Off)
        {
            return;
        }

        string[] command = ["controlvm", machine.Uuid, "savestate"];
        var result = await host.Manage.PersistAsync(
            () => host.Changes.TryRunAsync(command, host.Options.StartDeadline, () => host.Machines.IsOffAsync(id, cancellationToken), cancellationToken),
            cancellationToken);
        if (!result.Succeeded)
        {
            throw VBoxManage.Failed(command, result);
        }

        LogSaved(id);
    }

    private async Task<bool> TryDiscardStateAsync(VmId id, CancellationToken cancellationToken) => (await host.Manage.PersistAsync(
        () => host.Changes.TryRemoveAsync(
            ["discardstate", host.Mark.UuidOf(id).ToString()], () => Task.FromResult(host.ReadSettings(id) is { HasState: false }), cancellationToken),
        cancellationToken)).Succeeded;

    /// <summary>False when it ran already.</summary>
    private async Task<bool> BootAsync(VmId id, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var ran = false;
        var result = await host.Manage.PersistAsync(async () =>
        {
            var attempt = await TryStartAsync(id, deadline, cancellationToken);
            // Locked is a machine that is running, or one that was switched off a moment ago.
            ran = attempt.IsLocked && await host.Machines.IsOnAsync(id, cancellationToken);
            return ran ? new VBoxResult(0, "", "") : attempt;
        }, cancellationToken);
        if (result.Succeeded)
        {
            LogStarted(id);
            return !ran;
        }

        // A start that failed is not over when VBoxManage ends: the machine is still locked for a moment.
        if (!await host.Machines.AwaitOffAsync(id, host.Options.SwitchOffPatience, cancellationToken) && await host.Machines.IsOnAsync(id, cancellationToken))
        {
            // It was VBoxManage that came to grief.
            LogStarted(id);
            return true;
        }

        throw result.IsNotFound ? Machines.NotFound(id) : CannotStart(id, result);
    }

    /// <summary>Presses the machine's power button. Success if it is off.</summary>
    public async Task AskToStopAsync(VmId id, CancellationToken cancellationToken) => await host.Manage.TryChangeAsync(
        ["controlvm", host.Mark.UuidOf(id).ToString(), "acpipowerbutton"], host.Options.Deadline, () => Task.FromResult(true), cancellationToken);

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

        var result = await TrySwitchOffAsync(machine.Id, cancellationToken);
        if (await host.Machines.AwaitOffAsync(machine.Id, host.Options.SwitchOffPatience, cancellationToken)
            || await TryKillAsync(machine.Id, cancellationToken))
        {
            LogSwitchedOff(machine.Id);
            return;
        }

        throw VBoxManage.Failed(["controlvm", "poweroff"], result);
    }

    /// <summary>Switches the machine off, and tells how the call ended. A process that hangs is killed: it is that of a machine that must go.</summary>
    public async Task<VBoxResult> TrySwitchOffAsync(VmId id, CancellationToken cancellationToken)
    {
        try
        {
            return await host.Manage.PersistAsync(
                () => host.Manage.TryChangeAsync(
                    ["controlvm", host.Mark.UuidOf(id).ToString(), "poweroff"], host.Options.SwitchOffPatience,
                    () => host.Machines.IsOffAsync(id, cancellationToken), cancellationToken),
                cancellationToken);
        }
        catch (HypervisorException e) when (e.Fault == HypervisorFault.TimedOut && host.Manage.Silence.Problem is null)
        {
            return await TryKillAsync(id, cancellationToken) ? new VBoxResult(0, "", "") : new VBoxResult(-1, "", e.Message);
        }
    }

    private async Task<bool> TryKillAsync(VmId id, CancellationToken cancellationToken)
    {
        if (!HeadlessProcess.TryKill(host.Mark.UuidOf(id).ToString()))
        {
            return false;
        }

        LogKilled(id);
        return await host.Machines.AwaitOffAsync(id, host.Options.SwitchOffPatience, cancellationToken);
    }

    private async Task<VBoxResult> TryStartAsync(VmId id, TimeSpan deadline, CancellationToken cancellationToken)
    {
        try
        {
            return await host.Changes.TryRunAsync(
                ["startvm", host.Mark.UuidOf(id).ToString(), "--type", "headless"], deadline,
                () => host.Machines.IsOnAsync(id, cancellationToken), cancellationToken);
        }
        catch (HypervisorException e) when (e.Fault == HypervisorFault.TimedOut)
        {
            if (await host.Machines.IsOnAsync(id, cancellationToken))
            {
                return new VBoxResult(0, "", "");
            }

            throw;
        }
    }

    private HypervisorException CannotStart(VmId id, VBoxResult result) => new(HypervisorFault.CannotStart,
        File.Exists(host.Options.KernelDriver)
            ? $"Machine {id} could not be started: {result.Message}. See {Path.Combine(host.Mark.FolderOf(id), "Logs", "VBox.log")}."
            : $"Machine {id} could not be started: {KernelDriver.Missing(host.Options.KernelDriver)} ({result.Message})");

    [LoggerMessage(LogLevel.Information, "Started machine {Id}")]
    private partial void LogStarted(VmId id);

    [LoggerMessage(LogLevel.Information, "Saved the state of machine {Id}")]
    private partial void LogSaved(VmId id);

    [LoggerMessage(LogLevel.Warning, "Machine {Id} does not go on from its saved state, and boots instead: {Problem}")]
    private partial void LogStateLost(VmId id, string problem);

    [LoggerMessage(LogLevel.Information, "Switched machine {Id} off")]
    private partial void LogSwitchedOff(VmId id);

    [LoggerMessage(LogLevel.Warning, "The process of machine {Id} did not answer and was killed")]
    private partial void LogKilled(VmId id);
}
