using Microsoft.Extensions.Logging.Abstractions;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Qemu;

namespace Provisioner.HypervisorTests.Qemu;

/// <summary>Real QEMU and the tiny guest, in software: what KVM is worth here is asked in a test of its own.</summary>
internal sealed class QemuRig : HypervisorRig
{
    private readonly string image;

    private QemuRig(string image) => this.image = image;

    public override BaseImage Image => new(image);

    public override BaseImage UnusableImage => new(Path.Combine(AppContext.BaseDirectory, "Provisioner.HypervisorTests.dll"), "no-snapshots-here");

    public override string? CannotStart => null;

    public QemuOptions Options { get; } = new();

    public static async Task<QemuRig> MakeAsync(CancellationToken cancellationToken)
    {
        var rig = new QemuRig(await TinyGuest.ImageAsync(cancellationToken));
        rig.Options.Folder = rig.Folder;
        rig.Options.Accelerator = QemuAccelerator.Tcg;
        rig.Options.Network = QemuNetwork.Restricted;
        rig.Options.DefaultCpus = 1;
        rig.Options.DefaultMemoryMegabytes = 192;
        return rig;
    }

    public override IHypervisor Open() => new QemuHypervisor(Options, TimeProvider.System, NullLogger<QemuHypervisor>.Instance);

    public override async Task AddForeignAsync(string name, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.Combine(Folder, name));
        await File.WriteAllTextAsync(Path.Combine(Folder, name, "thesis.txt"), "theirs", cancellationToken);
    }

    public override Task<bool> HasForeignAsync(string name, CancellationToken cancellationToken) =>
        Task.FromResult(File.Exists(Path.Combine(Folder, name, "thesis.txt")));
}
