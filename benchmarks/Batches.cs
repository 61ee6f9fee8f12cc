using System.Diagnostics;

namespace Provisioner.Benchmarks;

/// <summary>Several machines at once: the time until the last of them has been started.</summary>
internal static class Batches
{
    private const string Part = "Several at once, image of 300 MB";

    public static async Task RunAsync(Options options, Report report, Server server, Sequence bare)
    {
        foreach (var size in new[] { 1, 4, 16 })
        {
            var (ours, plain) = (new Batch(), new Batch());
            for (var round = 0; round < options.Batches; round++)
            {
                string[] ids = [.. Enumerable.Range(0, size).Select(i => $"batch-{size}-{round}-{i}")];
                await ours.RunAsync(ids, id => server.CreateAsync(id), id => server.DeleteAsync(id));
                Sequence.Machine[] machines = [.. ids.Select(id => new Sequence.Machine(id))];
                await plain.RunAsync(machines, bare.CreateAsync, bare.DeleteAsync);
            }

            var goal = size == 16;
            report.Compare(Part, $"create {size} at once, wall", ours.Create, $"bare ({plain.Made})", plain.Create, goal ? 1.3 : null);
            report.Compare(Part, $"delete {size} at once, wall", ours.Delete, "bare", plain.Delete);
            report.Add(Part, $"creates that worked, {size} at once", ours.Made, "", goal ? "all" : "", goal ? ours.Failed == 0 : null);
        }
    }

    private sealed class Batch
    {
        private int made;
        private int failed;

        public Samples Create { get; } = new("ms");

        public Samples Delete { get; } = new("ms");

        public int Failed => failed;

        public string Made => $"{made} of {made + failed} made";

        public async Task RunAsync<T>(IReadOnlyList<T> machines, Func<T, Task<TimeSpan>> create, Func<T, Task<TimeSpan>> delete)
        {
            Create.Add(await TimeAsync(machines.Select(machine => CountAsync(machine, create))));
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
            Delete.Add(await TimeAsync(machines.Select(machine => TryAsync(machine, delete))));
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        }

        private static async Task<TimeSpan> TimeAsync(IEnumerable<Task> work)
        {
            var began = Stopwatch.GetTimestamp();
            await Task.WhenAll(work);
            return Stopwatch.GetElapsedTime(began);
        }

        private async Task CountAsync<T>(T machine, Func<T, Task<TimeSpan>> create)
        {
            if (await TryAsync(machine, create))
            {
                Interlocked.Increment(ref made);
            }
            else
            {
                Interlocked.Increment(ref failed);
            }
        }

        private static async Task<bool> TryAsync<T>(T machine, Func<T, Task<TimeSpan>> work)
        {
            try
            {
                await work(machine);
                return true;
            }
            catch (Exception e) when (e is InvalidOperationException or TimeoutException or HttpRequestException)
            {
                Console.Error.WriteLine($"       {e.Message.Split((char)10)[0]}");
                return false;
            }
        }
    }
}
