using Microsoft.Extensions.Logging.Abstractions;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Simulated;

namespace Provisioner.HypervisorTests;

public sealed class SimulatedSpecs : HypervisorSpecs
{
    protected override Task<HypervisorRig> MakeRigAsync(CancellationToken cancellationToken) =>
        Task.FromResult<HypervisorRig>(new SimulatedRig());

    // Short, yet long enough that two calls really overlap.
    internal static SimulatedOptions QuickOptions() => new()
    {
        Images = ["base"],
        ImageDisk = 2048,
        CloneTime = TimeSpan.FromMilliseconds(20),
        StartTime = TimeSpan.FromMilliseconds(5),
        BootTime = TimeSpan.FromMilliseconds(20),
        ConfigureTime = TimeSpan.FromMilliseconds(20),
        IdleTime = TimeSpan.FromMilliseconds(20),
        JobTime = TimeSpan.FromMilliseconds(20),
        StopTime = TimeSpan.FromMilliseconds(500),
        RemoveTime = TimeSpan.FromMilliseconds(5),
    };

    /// <summary>The host outlives the driver, as hardware does, so a restart can be tried although nothing is on disk.</summary>
    private sealed class SimulatedRig : HypervisorRig
    {
        private readonly SimulatedHost host = new();

        public override BaseImage Image { get; } = new("base");

        public override BaseImage UnusableImage { get; } = new("broken");

        public override string? CannotStart => null;

        public override IHypervisor Open() =>
            new SimulatedHypervisor(QuickOptions(), TimeProvider.System, NullLogger<SimulatedHypervisor>.Instance, host);

        public override Task AddForeignAsync(string name, CancellationToken cancellationToken)
        {
            host.AddForeign(name);
            return Task.CompletedTask;
        }

        public override Task<bool> HasForeignAsync(string name, CancellationToken cancellationToken) =>
            Task.FromResult(host.HasForeign(name));
    }
}
