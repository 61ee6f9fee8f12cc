using System.Collections.Concurrent;
using Provisioner.Hypervisors;

namespace Provisioner.Server.Vms;

/// <summary>What is being done, at most one action for each VM. Who takes long takes nobody else's turn.</summary>
internal sealed class UnderWay(TimeProvider time)
{
    /// <summary>The drivers give up a call after their own deadlines; what is not back by then is said to be waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<VmId, Entry> _entries = new();

    public IEnumerable<VmId> Ids => _entries.Keys;

    public bool Has(VmId id) => _entries.ContainsKey(id);

    /// <summary>How many machines are being made, started or removed. One that seems to hang no longer counts: it must not hold up the others.</summary>
    public int AtWork => _entries.Values.Count(entry => IsWork(entry.Action) && !IsLate(entry));

    /// <summary>What is done to a VM for longer than anybody should wait; null if nothing is.</summary>
    public VmAction? Late(VmId id) => _entries.TryGetValue(id, out var entry) && IsLate(entry) ? entry.Action : null;

    public static bool IsWork(VmAction action) => action is VmAction.Clone or VmAction.Start or VmAction.Save or VmAction.Remove or VmAction.Close;

    public void Add(VmId id, VmAction action, Task running, Action ended)
    {
        _entries[id] = new Entry(action, running, time.GetTimestamp());
        running.ContinueWith(
            _ =>
            {
                _entries.TryRemove(id, out var _);
                ended();
            },
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
    }

    public Task WhenAll() => Task.WhenAll(_entries.Values.Select(entry => entry.Running));

    private bool IsLate(Entry entry) => time.GetElapsedTime(entry.Since) >= Patience;

    private sealed record Entry(VmAction Action, Task Running, long Since);
}
