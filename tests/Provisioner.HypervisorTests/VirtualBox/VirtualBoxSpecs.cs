using Provisioner.Hypervisors;

namespace Provisioner.HypervisorTests.VirtualBox;

public sealed class VirtualBoxSpecs : HypervisorSpecs
{
    protected override async Task<HypervisorRig> MakeRigAsync(CancellationToken cancellationToken)
    {
        var rig = new VirtualBoxRig();
        await rig.PrepareAsync();
        return rig;
    }

    private sealed class VirtualBoxRig : HypervisorRig
    {
        private VirtualBoxLab lab = null!;

        public override BaseImage Image => lab.Image;

        public override BaseImage UnusableImage { get; } = new("without-snapshot");

        public override string? CannotStart => File.Exists(lab.Options.KernelDriver)
            ? null
            : $"VirtualBox's kernel driver is not loaded here (no {lab.Options.KernelDriver}): machines cannot be started.";

        public override string? HasNoGuest => CannotStart ?? "The image's disk is empty: no guest boots from it.";

        public async Task PrepareAsync()
        {
            lab = await VirtualBoxLab.OpenAsync(Folder);
            await lab.MakeImageAsync("base");
            await lab.MakeMachineAsync("without-snapshot");
        }

        public override IHypervisor Open() => lab.Open();

        public override async Task AddForeignAsync(string name, CancellationToken cancellationToken) =>
            await lab.RunAsync("createvm", "--name", name, "--basefolder", Path.Combine(Folder, "theirs"), "--register");

        public override async Task<bool> HasForeignAsync(string name, CancellationToken cancellationToken) =>
            (await lab.RunAsync("list", "vms")).Contains($"\"{name}\" ", StringComparison.Ordinal)
            && File.Exists(Path.Combine(Folder, "theirs", name, name + ".vbox"));

        public override IEnumerable<string> FilesOfMachines() => Directory.Exists(lab.Options.MachineFolder)
            ? Directory.EnumerateFileSystemEntries(lab.Options.MachineFolder, "*", SearchOption.AllDirectories)
            : [];

        public override ValueTask DisposeAsync()
        {
            lab.RemoveSocket();
            return base.DisposeAsync();
        }
    }
}
