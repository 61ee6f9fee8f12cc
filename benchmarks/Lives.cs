namespace Provisioner.Benchmarks;

/// <summary>One machine after the other: through the server, by the bare calls of the server, by the bare calls of the original, in turn.</summary>
internal static class Lives
{
    private const string Part = "One at a time, image of 300 MB";

    public static async Task RunAsync(Options options, Report report, Host host, Server server, Sequence bare)
    {
        var original = Sequence.Original(host);
        var (ours, plain, old) = (Pair.New(), Pair.New(), Pair.New());
        for (var i = 0; i < options.Rounds; i++)
        {
            await ours.AddAsync(server, $"life-{i}");
            await plain.AddAsync(bare, $"life-{i}");
            await old.AddAsync(original, $"original-{i}");
        }

        report.Compare(Part, "create through the server", ours.Create, "bare, the same calls", plain.Create, 1.10);
        report.Compare(Part, "delete through the server", ours.Delete, "bare, the same calls", plain.Delete, 1.10);
        report.Add(Part, "the bare calls one by one, medians", bare.Times() + " ms");
        report.Compare(Part, "create, against the original", ours.Create, "its calls, bare", old.Create, 0.5);
        report.Compare(Part, "delete, against the original", ours.Delete, "its calls, bare", old.Delete, 0.4);
    }

    /// <summary>Creates and deletes of one kind.</summary>
    internal sealed record Pair(Samples Create, Samples Delete)
    {
        public static Pair New() => new(new Samples("ms"), new Samples("ms"));

        public async Task AddAsync(Server server, string id, string image = Host.SmallImage)
        {
            Create.Add(await server.CreateAsync(id, image));
            await server.SayAsync(id, "done", "The job has ended");
            await SettleAsync();
            await server.EndAsync(id);
            Delete.Add(await server.DeleteAsync(id));
            await SettleAsync();
        }

        public async Task AddAsync(Sequence sequence, string id)
        {
            var machine = new Sequence.Machine(id);
            Create.Add(await sequence.CreateAsync(machine));
            await SettleAsync();
            if (sequence.LeavesRunning)
            {
                await sequence.EndAsync(machine);
            }

            Delete.Add(await sequence.DeleteAsync(machine));
            await SettleAsync();
        }

        // What the server still does after a request, as looking at the machine that it has started, is not the next one's cost.
        private static Task SettleAsync() => Task.Delay(TimeSpan.FromMilliseconds(150), TimeProvider.System);
    }
}
