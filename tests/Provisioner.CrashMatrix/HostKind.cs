namespace Provisioner.CrashMatrix;

/// <summary>The hypervisor of a matrix: makes what its runs share, and a host for each.</summary>
internal abstract class HostKind : IAsyncDisposable
{
    /// <summary>Whether clones and removals can be cut in half.</summary>
    public virtual bool HasPointsInDrivers => true;

    /// <summary>Whether the state of a machine can be saved.</summary>
    public virtual bool Saves => true;

    public static Task<HostKind> MakeAsync(MatrixOptions options, string folder) => options.Hypervisor switch
    {
        "simulated" => Task.FromResult<HostKind>(new Simulated()),
        "qemu" => Task.FromResult<HostKind>(new Qemu(Path.GetFullPath(options.Image))),
        "virtualbox" => VirtualBoxKind.MakeAsync(options.Image, folder),
        _ => throw new InvalidOperationException($"There is no hypervisor '{options.Hypervisor}'; there are simulated, qemu and virtualbox. {folder} stays empty."),
    };

    /// <summary>The host of one run, below the run's folder.</summary>
    public abstract MachineHost Open(string folder);

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Qemu(string image) : HostKind
    {
        public override MachineHost Open(string folder) => new QemuMachines(Path.Combine(folder, "m"), image); // short: sockets lie below it
    }

    private sealed class Simulated : HostKind
    {
        public override bool HasPointsInDrivers => false;

        public override MachineHost Open(string folder) => new SimulatedMachines(Path.Combine(folder, "machines"));
    }
}
