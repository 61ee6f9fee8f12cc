using System.Globalization;

namespace Provisioner.CrashMatrix;

/// <summary>What is to be run: <c>--server PROGRAM [--hypervisor NAME] [--runs N] [--seed N] [--point NAME] [--parallel N]</c>.</summary>
internal sealed record MatrixOptions(string Server)
{
    /// <summary>simulated, qemu or virtualbox.</summary>
    public string Hypervisor { get; init; } = "simulated";

    /// <summary>Seeds of each point, counted from the first.</summary>
    public int Runs { get; init; } = 1;

    public int FirstSeed { get; init; } = 1;

    /// <summary>Only this point; all when absent.</summary>
    public string? Point { get; init; }

    /// <summary>How many servers run at once.</summary>
    public int Parallel { get; init; } = 4;

    /// <summary>The image of real hypervisors: a path (QEMU), or the program VBoxManage (VirtualBox).</summary>
    public string Image { get; init; } = "base";

    public static MatrixOptions Read(string[] args)
    {
        var given = args.Chunk(2).ToDictionary(pair => pair[0], pair => pair[^1]);
        var plain = new MatrixOptions(given["--server"]);
        return plain with
        {
            Hypervisor = given.GetValueOrDefault("--hypervisor", plain.Hypervisor),
            Runs = Number("--runs", plain.Runs),
            FirstSeed = Number("--seed", plain.FirstSeed),
            Point = given.GetValueOrDefault("--point"),
            Parallel = Number("--parallel", plain.Parallel),
            Image = given.GetValueOrDefault("--image", plain.Image),
        };

        int Number(string name, int otherwise) => given.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
    }
}
