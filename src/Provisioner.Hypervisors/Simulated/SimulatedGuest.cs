using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Provisioner.Hypervisors.Simulated;

/// <summary>One power cycle of a machine: what the guest does from power-on until it is off.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A token source without timer or link holds nothing to dispose of.")]
internal sealed class SimulatedGuest(VmId id, SimulatedOptions options, SimulatedHost host, TimeProvider time, Action changed)
{
    private readonly Lock gate = new();
    private readonly CancellationTokenSource power = new();
    private readonly TaskCompletionSource configured = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource off = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StringBuilder console = new();

    /// <summary>How long it takes to be ready: one that goes on from a saved state does not boot.</summary>
    public TimeSpan BootTime { get; init; } = options.BootTime;

    public bool IsOn => !off.Task.IsCompleted;

    public bool IsConfigured => configured.Task.IsCompleted;

    public GuestReport? LastReport { get; private set; }

    /// <summary>Completes when the machine is off.</summary>
    public Task Off => off.Task;

    public string Console
    {
        get
        {
            lock (gate)
            {
                return console.ToString();
            }
        }
    }

    /// <summary>Everything that the guest does, from power-on until the power goes.</summary>
    public Task Life { get; private set; } = Task.CompletedTask;

    public void Begin() => Life = LiveAsync();

    /// <summary>Takes up what a file tells of it. It lives on when it is begun, unless its power is gone.</summary>
    public void Restore(SavedSimulatedMachine saved)
    {
        LastReport = saved.Report;
        if (saved.IsConfigured)
        {
            configured.TrySetResult();
        }

        if (!saved.IsOn)
        {
            off.TrySetResult();
        }
    }

    public void Configure()
    {
        if (configured.TrySetResult())
        {
            changed();
        }
    }

    /// <summary>Lives no further, and keeps its power.</summary>
    public void Freeze() => power.Cancel();

    public void CutPower()
    {
        lock (gate)
        {
            if (off.TrySetResult())
            {
                changed();
                host.Observations.Publish(new(id, null));
            }
        }

        power.Cancel();
    }

    private async Task LiveAsync()
    {
        Print(LastReport is null ? "Booting." : "Goes on after a restart of the server.");
        try
        {
            await GiveUpAgainAsync();
            await ReachAsync(SimulatedStep.GuestReady, GuestPhase.Ready, BootTime);
            await configured.Task.WaitAsync(power.Token);
            await ReachAsync(SimulatedStep.GuestConfiguring, GuestPhase.Configuring, TimeSpan.Zero);
            await ReachAsync(SimulatedStep.GuestOnline, GuestPhase.Online, options.ConfigureTime);
            await ReachAsync(SimulatedStep.GuestBusy, GuestPhase.Busy, options.JobTime is null ? Timeout.InfiniteTimeSpan : options.IdleTime);
            await ReachAsync(SimulatedStep.GuestDone, GuestPhase.Done, options.JobTime ?? TimeSpan.Zero);
            await Task.Delay(options.StopTime, time, power.Token);
            CutPower();
        }
        catch (OperationCanceledException) when (power.IsCancellationRequested)
        {
            // Guests are not told that their power goes.
        }
    }

    // It had said so before the server was restarted; what was left to do is to power off.
    private async Task GiveUpAgainAsync()
    {
        if (LastReport is { Phase: GuestPhase.Failed })
        {
            await Task.Delay(options.StopTime, time, power.Token);
            CutPower();
            power.Token.ThrowIfCancellationRequested();
        }
    }

    private async Task ReachAsync(SimulatedStep step, GuestPhase phase, TimeSpan after)
    {
        if (LastReport?.Phase >= phase)
        {
            return; // before the server was restarted
        }

        await Task.Delay(after, time, power.Token);
        var fault = host.Faults.Take(step, id);
        switch (fault?.Kind)
        {
            case null:
                Report(new(phase));
                break;
            case SimulatedFaultKind.Fail or SimulatedFaultKind.FailAfterwards:
                Report(new(GuestPhase.Failed, fault.Message));
                await Task.Delay(options.StopTime, time, power.Token);
                CutPower();
                break;
            case SimulatedFaultKind.Hang or SimulatedFaultKind.Never:
                await Task.Delay(Timeout.InfiniteTimeSpan, time, power.Token);
                break;
            case SimulatedFaultKind.Crash:
                CutPower();
                break;
        }

        power.Token.ThrowIfCancellationRequested();
    }

    private void Report(GuestReport report)
    {
        // A machine that is off, or gone, has nothing more to say.
        lock (gate)
        {
            if (IsOn)
            {
                Print($"Reporting {report.Phase} {report.Detail}".TrimEnd());
                LastReport = report;
                changed();
                host.Observations.Publish(new(id, report));
            }
        }
    }

    private void Print(string line)
    {
        lock (gate)
        {
            console.Append(line).Append('\n');
        }
    }
}
