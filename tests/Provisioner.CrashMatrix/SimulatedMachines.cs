using System.Text.Json.Nodes;

namespace Provisioner.CrashMatrix;

/// <summary>The simulated hypervisor, which keeps its machines in files.</summary>
internal sealed class SimulatedMachines(string folder) : MachineHost(folder)
{
    // This hypervisor makes no machine whose device another has: two holders at once would be a failed VM.
    public override string? Hardware => "rare";

    public override void Configure(JsonObject configuration, Plan plan)
    {
        configuration["hardware"] = new JsonObject { ["rare"] = new JsonObject { ["serial"] = new JsonArray("/dev/rare") } };
        configuration["simulated"] = Latencies(plan);
    }

    private JsonObject Latencies(Plan plan) => new()
    {
        ["folder"] = Folder,
        ["cloneTime"] = Time(plan.Latencies[0]),
        ["startTime"] = Time(plan.Latencies[1]),
        ["bootTime"] = Time(plan.Latencies[2]),
        ["configureTime"] = Time(plan.Latencies[3]),
        ["idleTime"] = Time(plan.Latencies[4]),
        ["jobTime"] = plan.HasJob ? Time(plan.Latencies[5]) : null,
        ["stopTime"] = Time(plan.Latencies[4]),
        ["removeTime"] = Time(plan.Latencies[5]),
    };

    // Some have names like ours, one is no machine at all, and one belongs to somebody who uses our format.
    public override async Task AddStrangersAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Folder);
        for (var number = 0; number < Strangers; number++)
        {
            var name = number % 3 == 0 ? $"vbdp-theirs-{number}.json" : $"machine {number}.json";
            var content = number == 3 ? "not a machine" : $$"""{"mark": "theirs/{{number}}", "noise": "{{Convert.ToHexString(Noise(number))}}", "isOn": true}""";
            await File.WriteAllTextAsync(Path.Combine(Folder, name), content, cancellationToken);
        }
    }

    public override string NameOf(string id) => $"vbdp-{id}.json";

    public override void CutPower()
    {
        foreach (var (file, machine) in Ours())
        {
            machine["isOn"] = false;
            File.WriteAllText(file, machine.ToJsonString());
        }
    }

    public override string? StartedTwice() => Ours().FirstOrDefault(ours => (int)ours.Machine["starts"]! > 1).File;

    private IEnumerable<(string File, JsonObject Machine)> Ours() =>
        from file in Directory.EnumerateFiles(Folder, "vbdp-*.json")
        let machine = Parse(file)
        where (string?)machine?["mark"] == "virtualbox-provisioner/1"
        select (file, machine);

    private static JsonObject? Parse(string file)
    {
        try
        {
            return JsonNode.Parse(Read(file))?.AsObject();
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    private static JsonNode Time(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds).ToString("c", System.Globalization.CultureInfo.InvariantCulture);
}
