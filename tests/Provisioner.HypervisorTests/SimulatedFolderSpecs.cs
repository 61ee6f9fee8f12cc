using Microsoft.Extensions.Logging.Abstractions;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Simulated;

namespace Provisioner.HypervisorTests;

/// <summary>The same promises where machines are kept in files, and each driver knows nothing but those.</summary>
public sealed class SimulatedFolderSpecs : HypervisorSpecs
{
    protected override Task<HypervisorRig> MakeRigAsync(CancellationToken cancellationToken) =>
        Task.FromResult<HypervisorRig>(new FolderRig());

    private sealed class FolderRig : HypervisorRig
    {
        public override BaseImage Image { get; } = new("base");

        public override BaseImage UnusableImage { get; } = new("broken");

        public override string? CannotStart => null;

        public override IHypervisor Open()
        {
            var options = SimulatedSpecs.QuickOptions();
            options.Folder = Folder;
            return new SimulatedHypervisor(options, TimeProvider.System, NullLogger<SimulatedHypervisor>.Instance);
        }

        public override Task AddForeignAsync(string name, CancellationToken cancellationToken) =>
            File.WriteAllTextAsync(Path.Combine(Folder, name + ".json"), """{"mark": "theirs"}""", cancellationToken);

        public override Task<bool> HasForeignAsync(string name, CancellationToken cancellationToken) =>
            Task.FromResult(File.Exists(Path.Combine(Folder, name + ".json")));
    }
}
