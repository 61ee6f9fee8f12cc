using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Provisioner.CrashMatrix;

/// <summary>Real QEMU in software, with a guest that keeps the guest contract and leads a whole life at once.</summary>
internal sealed class QemuMachines(string folder, string image) : MachineHost(folder)
{
    public override TimeSpan Patience => TimeSpan.FromMinutes(10);

    public override TimeSpan DeleteWithin => TimeSpan.FromSeconds(5);

    public override void Configure(JsonObject configuration, Plan plan)
    {
        configuration["hypervisor"] = "qemu";
        configuration["images"] = new JsonObject { ["base"] = new JsonObject { ["source"] = image, ["cpus"] = 1, ["memory"] = 192 } };
        configuration["qemu"] = new JsonObject { ["folder"] = Folder, ["accelerator"] = "tcg", ["network"] = "restricted", ["freeSpaceReserveMegabytes"] = 16 };
    }

    // Folders of others, some with names like ours and with files like ours among theirs.
    public override async Task AddStrangersAsync(CancellationToken cancellationToken)
    {
        for (var number = 0; number < Strangers; number++)
        {
            var home = Directory.CreateDirectory(Path.Combine(Folder, number % 2 == 0 ? $"vbdp-theirs-{number}" : $"machine {number}")).FullName;
            await File.WriteAllBytesAsync(Path.Combine(home, "disk.qcow2"), Noise(number), cancellationToken);
            await File.WriteAllTextAsync(Path.Combine(home, "thesis.txt"), $"theirs {number}", cancellationToken);
        }
    }

    public override string NameOf(string id) => $"vbdp-{id}";

    public override void CutPower()
    {
        foreach (var (id, name) in ProcessesOf(Folder + "/"))
        {
            if (name.Contains("qemu-system", StringComparison.Ordinal))
            {
                using var process = Process.GetProcessById(id);
                process.Kill();
                process.WaitForExit();
            }
        }
    }

    public override Task<IReadOnlyList<string>> LeftBesideFilesAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>([.. ProcessesOf(Folder + "/").Select(process => $"process {process.Id}: {process.Command}")]);
}
