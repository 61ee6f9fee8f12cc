namespace Provisioner.Hypervisors;

/// <summary>One change at a time per machine, for drivers whose hypervisor does not bear more.</summary>
internal sealed class VmLocks
{
    private readonly Lock gate = new();
    private readonly Dictionary<VmId, Entry> entries = [];

    public bool IsHeld(VmId id)
    {
        lock (gate)
        {
            return entries.ContainsKey(id);
        }
    }

    public async Task<IDisposable> EnterAsync(VmId id, CancellationToken cancellationToken)
    {
        var entry = Join(id);
        try
        {
            await entry.Turn.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Leave(entry);
            throw;
        }

        return new Held(this, entry);
    }

    private Entry Join(VmId id)
    {
        lock (gate)
        {
            if (!entries.TryGetValue(id, out var entry))
            {
                entries[id] = entry = new Entry(id);
            }

            entry.Users++;
            return entry;
        }
    }

    private void Leave(Entry entry)
    {
        lock (gate)
        {
            if (--entry.Users == 0)
            {
                entries.Remove(entry.Id);
            }
        }
    }

    private sealed class Entry(VmId id)
    {
        public VmId Id { get; } = id;

        public SemaphoreSlim Turn { get; } = new(1);

        public int Users { get; set; }
    }

    private sealed class Held(VmLocks locks, Entry entry) : IDisposable
    {
        public void Dispose()
        {
            entry.Turn.Release();
            locks.Leave(entry);
        }
    }
}
