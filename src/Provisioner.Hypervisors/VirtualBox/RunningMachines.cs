using System.Collections.Concurrent;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// Which machines of ours run, for next to nothing (ADR 10): a machine that runs has a process, whose end is seen without VirtualBox.
/// VirtualBox is asked as long as a machine is said to run whose process cannot be seen, and now and then about all of them: a process
/// may hang, and a machine may have been started by others.
/// </summary>
internal sealed class RunningMachines(VBoxHost host, MachineFolders folders, PowerStates states, TimeProvider time)
{
    private static readonly TimeSpan CheckPeriod = TimeSpan.FromSeconds(30);

    // Nobody keeps VirtualBox's service running then: each call would start it.
    private static readonly TimeSpan CheckPeriodAtRest = TimeSpan.FromMinutes(5);

    private readonly ConcurrentQueue<VmId> started = [];
    private Dictionary<VmId, int> processes = [];
    private HashSet<VmId> unexplained = [];
    private Dictionary<VmId, VmPower> doubted = [];
    private long? checkedAt;

    // Not disposed of: it holds nothing.
    private SemaphoreSlim Turn { get; } = new(1);

    /// <summary>Told when a look is due before its time, and when one has found that a machine's process has ended.</summary>
    public Wake Changed { get; } = new(time);

    /// <summary>Says that this machine was started just now.</summary>
    public void Started(VmId id) => started.Enqueue(id);

    /// <summary>The machines that are not simply switched off.</summary>
    public async Task<IReadOnlyDictionary<VmId, VmPower>> LookAsync(CancellationToken cancellationToken)
    {
        await Turn.WaitAsync(cancellationToken);
        try
        {
            while (started.TryDequeue(out var id))
            {
                unexplained.Add(id);
            }

            var alive = processes.Where(process => HeadlessProcess.Runs(process.Value, host.Mark.UuidOf(process.Key))).ToDictionary();
            if (alive.Count < processes.Count)
            {
                Changed.Tell();
            }

            processes = alive;
            if (unexplained.Count > 0 || IsDue)
            {
                await CheckAsync(cancellationToken);
            }

            return processes.Keys.Union(unexplained).ToDictionary(id => id, id => doubted.GetValueOrDefault(id, VmPower.On));
        }
        finally
        {
            Turn.Release();
        }
    }

    private bool IsDue => checkedAt is not { } at
        || time.GetElapsedTime(at) >= (processes.Count > 0 ? CheckPeriod : CheckPeriodAtRest);

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        var found = HeadlessProcess.FindAll();
        processes = folders.Names().Where(id => found.ContainsKey(host.Mark.UuidOf(id))).ToDictionary(id => id, id => found[host.Mark.UuidOf(id)]);
        unexplained.ExceptWith(processes.Keys);
        if (unexplained.Count == 0 && !IsDue)
        {
            return;
        }

        var listed = await ListAsync(cancellationToken);
        unexplained = [.. listed.Except(processes.Keys)];
        doubted = [];
        foreach (var id in processes.Keys.Except(listed))
        {
            // On its way up or down, or it hangs: the list has none of these.
            if (await states.AskAsync(id, cancellationToken) is var power and not VmPower.On)
            {
                doubted[id] = power ?? VmPower.Off;
            }
        }

        checkedAt = time.GetTimestamp();
    }

    private async Task<List<VmId>> ListAsync(CancellationToken cancellationToken)
    {
        var output = await host.Manage.RunAsync(["list", "runningvms"], cancellationToken);
        return [.. RegisteredVm.Ours(RegisteredVm.ParseList(output), host.Mark)];
    }
}
