using System.Collections.Concurrent;

namespace Provisioner.CrashMatrix;

/// <summary>Every entry that a folder ever had, however short its life.</summary>
internal sealed class SeenNames : IDisposable
{
    private readonly ConcurrentDictionary<string, byte> names = [];
    private readonly FileSystemWatcher watcher;
    private bool hasMissed;

    public SeenNames(string folder)
    {
        watcher = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName, InternalBufferSize = 65536 };
        watcher.Created += (_, entry) => names.TryAdd(entry.Name!, 0);
        watcher.Renamed += (_, entry) => names.TryAdd(entry.Name!, 0);
        watcher.Error += (_, _) => hasMissed = true;
        watcher.EnableRaisingEvents = true;
    }

    public void RequireOnly(IEnumerable<string> allowed, Func<string, bool> isAllowed)
    {
        var drafts = allowed.Append(".server-id").SelectMany(name => new[] { name, name + ".new" }).ToHashSet();
        var others = names.Keys.Where(name => !drafts.Contains(name) && !isAllowed(name)).ToList();
        BrokenPromiseException.Unless(others.Count == 0, $"Machines were made that nobody asked for: {string.Join(", ", others)}");
        BrokenPromiseException.Unless(!hasMissed, "Some changes of the folder were not seen.");
    }

    public void Dispose() => watcher.Dispose();
}
