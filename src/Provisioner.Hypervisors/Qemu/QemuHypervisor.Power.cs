using Microsoft.Extensions.Logging;

namespace Provisioner.Hypervisors.Qemu;

public sealed partial class QemuHypervisor
{
    private static readonly TimeSpan TimeToQuit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TimeToDie = TimeSpan.FromSeconds(10);

    public Task EnsureStartedAsync(VmId id, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        await AdoptedAsync(cancellationToken);
        var folder = Folder(id);
        using var turn = await locks.EnterAsync(id, cancellationToken);
        if (folder.Look() is not FolderKind.Machine)
        {
            throw new HypervisorException(HypervisorFault.NotFound, $"There is no machine {id} that could be started.");
        }

        using var process = RecordedProcess.Find(folder.PidFile);
        if (process is null)
        {
            await StartOrBootAsync(folder, cancellationToken);
        }

        return true;
    }, cancellationToken);

    public Task EnsureStoppedAsync(VmId id, TimeSpan grace, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        await AdoptedAsync(cancellationToken);
        var folder = Folder(id);
        if (grace > TimeSpan.Zero && running.TryGetValue(id, out var machine))
        {
            // Outside of the machine's turn: a removal must not have to wait for a guest that takes its time.
            await AskAsync(machine, machine.PressPowerButtonAsync, grace, cancellationToken);
        }

        using var turn = await locks.EnterAsync(id, cancellationToken);
        if (folder.Look() is FolderKind.Machine or FolderKind.Broken)
        {
            await SwitchOffAsync(folder, cancellationToken);
        }

        return true;
    }, cancellationToken);

    private async Task StartAsync(MachineFolder folder, CancellationToken cancellationToken)
    {
        var accelerator = await accelerators.ChooseAsync(cancellationToken);
        if (!accelerator.CanStart || options.FindProblems() is [_, ..])
        {
            throw new HypervisorException(HypervisorFault.CannotStart, string.Join(' ', [accelerator.Why, .. options.FindProblems()]));
        }

        var machine = folder.Load();
        RequireHardware(machine, accelerator);
        folder.ForgetLastRun();
        observations.Forget(folder.Id);
        try
        {
            if (QemuArguments.NeedsPasst(machine, options))
            {
                await passt.StartAsync(folder, cancellationToken);
            }

            if (machine.Hardware is { Tpm: true })
            {
                await tpm.StartAsync(folder, cancellationToken);
            }

            await BootAsync(folder, accelerator.Kvm, cancellationToken);
        }
        catch
        {
            await KillAsync(folder, CancellationToken.None);
            throw;
        }

        observations.Publish(new VmObservation(folder.Id, null));
        LogStarted(folder.Id, accelerator.Kvm ? "kvm" : "tcg");
    }

    // Looked for again: a plug may have been pulled since the machine got its place.
    private void RequireHardware(SavedMachine machine, AcceleratorChoice accelerator)
    {
        if (machine.Hardware is { } hardware && HardwareCheck.FindProblem(hardware, devices) is { } problem)
        {
            throw new HypervisorException(HypervisorFault.DeviceAbsent, problem);
        }

        if (machine.Hardware is { SgxMegabytes: not null } && !accelerator.Kvm)
        {
            throw new HypervisorException(HypervisorFault.CannotStart, $"Enclave memory needs KVM. {accelerator.Why}");
        }
    }

    private async Task BootAsync(MachineFolder folder, bool kvm, CancellationToken cancellationToken)
    {
        var machine = folder.Load();
        var usb = machine.Hardware is { Usb.Count: > 0 } hardware
            ? hardware.Usb.Select(wanted => devices.ListUsb().Single(plugged => plugged.Is(wanted))).ToList() : [];
        using var qemu = DetachedProgram.Start(options.Program, QemuArguments.For(folder, machine, options, kvm, usb), folder.Path);
        try
        {
            // The last socket that QEMU makes. It greets when its whole command line has been obeyed.
            await qemu.AwaitAsync(() => File.Exists(folder.File("guest.sock")), options.Deadline, time, cancellationToken);
            await ConnectAsync(folder, justStarted: true, cancellationToken);
            folder.RestrictSockets();
        }
        catch (IOException)
        {
            throw await qemu.EndAsync();
        }
        catch
        {
            await qemu.EndAsync();
            throw;
        }
    }

    private async Task ConnectAsync(MachineFolder folder, bool justStarted, CancellationToken cancellationToken) =>
        await WithinDeadlineAsync(async token =>
        {
            var machine = await RunningMachine.ConnectAsync(folder, time, Observe, Ended, token);
            running[folder.Id] = machine;
            machine.Begin(justStarted);
        }, $"The QEMU of {folder.Id}", cancellationToken);

    // Asked first, because a disk that QEMU has closed is whole: the machine may be started again.
    private async Task SwitchOffAsync(MachineFolder folder, CancellationToken cancellationToken)
    {
        if (running.TryGetValue(folder.Id, out var machine))
        {
            await AskAsync(machine, machine.QuitAsync, TimeToQuit, cancellationToken);
        }

        await KillAsync(folder, cancellationToken);
    }

    private async Task KillAsync(MachineFolder folder, CancellationToken cancellationToken)
    {
        using var process = RecordedProcess.Find(folder.PidFile);
        process?.Kill();
        if (process is not null && !await process.AwaitExitAsync(TimeToDie, time, cancellationToken))
        {
            throw new HypervisorException(HypervisorFault.TimedOut, $"Process {process.Id} of {folder.Id} does not end although it was killed.");
        }

        Passt.Stop(folder);
        SoftwareTpm.Stop(folder);
        if (running.TryGetValue(folder.Id, out var machine))
        {
            await machine.Ended.WaitAsync(cancellationToken);
        }
    }

    private async Task AskAsync(RunningMachine machine, Func<CancellationToken, Task> ask, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var over = new CancellationTokenSource(patience, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        try
        {
            await ask(ending.Token);
            await machine.Ended.WaitAsync(ending.Token);
        }
        catch (IOException)
        {
            // It ended before it answered.
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            LogDidNotObey(machine.Id, patience);
        }
    }

    private void Ended(RunningMachine machine)
    {
        running.TryRemove(new(machine.Id, machine));
        observations.Publish(new VmObservation(machine.Id, null));
        LogEnded(machine.Id);
    }

    [LoggerMessage(LogLevel.Information, "Started {Id} with {Accelerator}")]
    private partial void LogStarted(VmId id, string accelerator);

    [LoggerMessage(LogLevel.Information, "{Id} has ended")]
    private partial void LogEnded(VmId id);

    [LoggerMessage(LogLevel.Information, "{Id} did not end within {Patience}")]
    private partial void LogDidNotObey(VmId id, TimeSpan patience);
}
