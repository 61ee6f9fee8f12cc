using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Provisioner.CrashMatrix;

/// <summary>The machines of one server on the shared VirtualBox. Their guests are played from here, by guest properties.</summary>
internal sealed class VirtualBoxMachines(string folder, VirtualBoxKind kind) : MachineHost(folder)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(300);

    // A job that begins and ends between two readings is heard as done alone (docs/adr/0010-watching-virtualbox.md).
    private static readonly TimeSpan Job = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, Task> guests = [];
    private readonly CancellationTokenSource ending = new();
    private Task playing = Task.CompletedTask;

    public override TimeSpan Patience => TimeSpan.FromMinutes(15);

    public override TimeSpan DeleteWithin => TimeSpan.FromSeconds(5);

    public override void Configure(JsonObject configuration, Plan plan)
    {
        configuration["hypervisor"] = "virtualbox";
        configuration["virtualBox"] = new JsonObject
        {
            ["program"] = kind.Program,
            ["machineFolder"] = Folder,
            ["userHome"] = kind.UserHome,
            ["ipcSocketId"] = kind.IpcSocketId,
            ["reserveBytes"] = 16 * 1024 * 1024,
            ["kernelDriver"] = "/dev/null",
            ["powerInterval"] = "00:00:00.5",
            ["waitRenewal"] = "00:00:05",
        };
    }

    // They are the kind's: all runs have the same.
    public override Task AddStrangersAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Folder);
        return Task.CompletedTask;
    }

    public override IReadOnlyList<string> Fingerprint() =>
    [
        .. base.Fingerprint(),
        .. Directory.EnumerateFiles(kind.Strangers, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => $"{file} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))}"),
    ];

    public override string NameOf(string id) => $"vbdp-{id}";

    public override void Begin(Plan plan) => playing = PlayAsync(plan.HasJob);

    public override void CutPower()
    {
        foreach (var (uuid, _) in Ours())
        {
            var file = Path.Combine(kind.Running, "..", "pids", uuid);
            if (int.TryParse(Read(file).Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                using var process = System.Diagnostics.Process.GetProcessById(id);
                process.Kill();
                File.Delete(Path.Combine(kind.Running, uuid));
                File.Delete(file);
            }
        }
    }

    public override async Task<IReadOnlyList<string>> LeftBesideFilesAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        await StopPlayingAsync();
        // Calls that a killed server left behind end by themselves, the longest after waitRenewal.
        while (ProcessesOf(Folder).Any() && !cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(Look, TimeProvider.System, cancellationToken);
        }

        var machines = (await kind.RunAsync("list", "vms")).Output.Split('\n').Where(line => ids.Any(id => line.StartsWith($"\"vbdp-{id}\"", StringComparison.Ordinal)));
        var disks = (await kind.RunAsync("list", "hdds")).Output.Split('\n').Where(line => line.Contains(Folder, StringComparison.Ordinal));
        var processes = ids.SelectMany(id => ProcessesOf($"vbdp-{id}\0")).Select(process => $"process {process.Id}: {process.Command}");
        var strangers = (await kind.RunAsync("list", "vms")).Output.Split('\n').Count(line => line.StartsWith("\"vbdp-theirs-", StringComparison.Ordinal) || line.StartsWith("\"machine ", StringComparison.Ordinal));
        return [.. machines, .. disks, .. processes, .. strangers == Strangers ? [] : new[] { $"{strangers} of {Strangers} machines of others" }];
    }

    public override async ValueTask DisposeAsync()
    {
        await StopPlayingAsync();
        ending.Dispose();
        await base.DisposeAsync();
    }

    private async Task StopPlayingAsync()
    {
        if (!ending.IsCancellationRequested)
        {
            await ending.CancelAsync();
            await playing;
            await Task.WhenAll(guests.Values);
        }
    }

    private async Task PlayAsync(bool hasJob)
    {
        while (!ending.IsCancellationRequested)
        {
            foreach (var (uuid, name) in Ours())
            {
                _ = guests.GetOrAdd(uuid, _ => LiveAsync(uuid, Path.Combine(Folder, name, name + ".vbox"), hasJob));
            }

            await Task.Delay(Look, TimeProvider.System, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>What a guest does: it says that it is ready, waits for its configuration, works, and powers off.</summary>
    private async Task LiveAsync(string uuid, string settings, bool hasJob)
    {
        await SayAsync(uuid, "ready");
        // A machine that does not really run is locked by each call for it; its file tells the same.
        while (IsOn(uuid) && !Read(settings).Contains("/VBDP/Config/Count", StringComparison.Ordinal))
        {
            await Task.Delay(Look, TimeProvider.System, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await SayAsync(uuid, "configuring");
        await SayAsync(uuid, "online");
        if (hasJob)
        {
            await SayAsync(uuid, "busy");
            await Task.Delay(Job, TimeProvider.System, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await SayAsync(uuid, "done");
            if (IsOn(uuid))
            {
                await kind.RunAsync("controlvm", uuid, "poweroff");
            }
        }
    }

    private async Task SayAsync(string uuid, string phase)
    {
        // The service serves one change of a machine at a time, and may be ending: a guest would not notice.
        while (IsOn(uuid) && !(await kind.RunAsync("guestproperty", "set", uuid, "/VBDP/Phase", phase)).Succeeded)
        {
            await Task.Delay(Look, TimeProvider.System, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private bool IsOn(string uuid) => !ending.IsCancellationRequested && File.Exists(Path.Combine(kind.Running, uuid));

    // The stand-in writes: "NAME" {UUID}
    private IEnumerable<(string Uuid, string Name)> Ours() =>
        from file in Directory.EnumerateFiles(kind.Running)
        let name = Read(file).Split('"') is ["", var quoted, ..] ? quoted : ""
        where name.Length > 0 && Directory.Exists(Path.Combine(Folder, name))
        select (Path.GetFileName(file), name);
}
