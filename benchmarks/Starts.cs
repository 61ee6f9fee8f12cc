using System.Collections.Concurrent;

namespace Provisioner.Benchmarks;

/// <summary>Hears from the stand-in that a machine was started: it leaves a file with the machine's name.</summary>
internal sealed class Starts : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly ConcurrentDictionary<string, TaskCompletionSource> awaited = new();
    private readonly FileSystemWatcher watcher;

    public Starts(string folder)
    {
        watcher = new FileSystemWatcher(folder) { EnableRaisingEvents = true, NotifyFilter = NotifyFilters.FileName, InternalBufferSize = 65536 };
        watcher.Created += (_, change) => Of(change.Name!).TrySetResult();
    }

    public async Task WaitAsync(string machine)
    {
        await Of(machine).Task.WaitAsync(Patience, TimeProvider.System);
        awaited.TryRemove(machine, out _);
    }

    public void Dispose() => watcher.Dispose();

    private TaskCompletionSource Of(string machine) =>
        awaited.GetOrAdd(machine, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
