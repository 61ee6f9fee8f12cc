using System.Collections.Concurrent;
using System.Diagnostics;

namespace Provisioner.Benchmarks;

/// <summary>The calls of VBoxManage that make and remove one machine, made one after the other without any server.</summary>
internal sealed class Sequence(Host host, IReadOnlyList<string[]> create, IReadOnlyList<string[]> delete, string machineName)
{
    private const string Id = "{id}";
    private const string Uuid = "{uuid}";

    private readonly ConcurrentDictionary<string, Samples> times = new();

    // A question about a machine may rightly be answered with "there is none".
    private static readonly string[] MustWork = ["clonevm", "registervm", "startvm", "unregistervm"];

    /// <summary>
    /// The calls of the original program: a full clone, and properties after the start. In its measurement no machine was seen
    /// running, so that it did not switch off.
    /// </summary>
    public static Sequence Original(Host host) => new(
        host,
        [
            ["clonevm", Host.PlainImage, "--name", Id, "--basefolder", host.Bare, "--register"],
            ["showvminfo", Id, "--machinereadable"],
            ["startvm", Id, "--type", "headless"],
            .. from property in (string[])["label", "owner", "repo", "token"] select (string[])["guestproperty", "set", Id, property, "acme"],
        ],
        [["showvminfo", Id, "--machinereadable"], ["unregistervm", Id, "--delete"]],
        Id);

    /// <summary>What the server calls for one VM. What it calls for all of them together, to watch them, is left out.</summary>
    public static async Task<Sequence> RecordAsync(Host host, Server server)
    {
        const string Recorded = "recorded-machine";
        var create = await host.RecordAsync(() => server.CreateAsync(Recorded));
        // The watch of a machine that has just started makes calls of its own for some seconds.
        await Task.Delay(TimeSpan.FromSeconds(6), TimeProvider.System);
        var delete = await host.RecordAsync(() => server.DeleteAsync(Recorded));
        var uuid = create.First(call => call is ["startvm", ..])[1];
        return new Sequence(host, [.. Template(create)], [.. Template(delete)], "vbdp-" + Id);

        IEnumerable<string[]> Template(IEnumerable<string[]> calls) => calls
            .Where(call => call is not (["list", ..] or ["guestproperty", "wait" or "get", ..]))
            .Select(call => (string[])[.. call.Select(word => word.Replace(uuid, Uuid).Replace(Recorded, Id).Replace(host.Machines, host.Bare))])
            .Where(call => call.Any(word => word.Contains(Uuid) || word.Contains(Id)));
    }

    /// <summary>How long each kind of call took, so far.</summary>
    public string Times() => string.Join(", ", times.Select(verb => $"{verb.Key} {Samples.Show(verb.Value.Median)}"));

    public string Describe() => $"create: {Verbs(create)}; delete: {Verbs(delete)}";

    public Task<TimeSpan> CreateAsync(Machine machine) => RunAsync(create, machine);

    /// <summary>With the machine's folder, which the server deletes itself.</summary>
    public async Task<TimeSpan> DeleteAsync(Machine machine)
    {
        var began = Stopwatch.GetTimestamp();
        await RunAsync(delete, machine);
        if (Fill(machineName, machine) is var name && Path.Combine(host.Bare, name) is var left && Directory.Exists(left))
        {
            Directory.Delete(left, recursive: true);
        }

        return Stopwatch.GetElapsedTime(began);
    }

    /// <summary>Whether its deleting takes the machine for switched off.</summary>
    public bool LeavesRunning => delete.All(call => call[0] != "controlvm");

    /// <summary>Ends what stands in for the running machine, where the sequence itself does not.</summary>
    public Task EndAsync(Machine machine) => host.TryRunAsync("controlvm", Fill(machineName, machine), "poweroff");

    private async Task<TimeSpan> RunAsync(IReadOnlyList<string[]> calls, Machine machine)
    {
        var began = Stopwatch.GetTimestamp();
        foreach (var call in calls)
        {
            var started = Stopwatch.GetTimestamp();
            var (code, output) = await host.TryRunAsync(call.Select(word => Fill(word, machine)));
            times.GetOrAdd(Verb(call), _ => new Samples("ms")).Add(Stopwatch.GetElapsedTime(started));
            if (code != 0 && MustWork.Contains(call[0]))
            {
                throw new InvalidOperationException($"{call[0]} of {machine.Id}: {output.Split('\n')[0]}");
            }
        }

        return Stopwatch.GetElapsedTime(began);
    }

    private static string Fill(string word, Machine machine) => word.Replace(Uuid, machine.Uuid).Replace(Id, machine.Id);

    private static string Verbs(IEnumerable<string[]> calls) => string.Join(", ", calls.Select(Verb));

    private static string Verb(string[] call) => call is ["guestproperty" or "snapshot", ..] ? $"{call[0]} {call[1]}" : call[0];

    internal sealed record Machine(string Id)
    {
        public string Uuid { get; } = Guid.NewGuid().ToString();
    }
}
