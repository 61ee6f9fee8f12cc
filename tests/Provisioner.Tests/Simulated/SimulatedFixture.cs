using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Simulated;

namespace Provisioner.Tests.Simulated;

/// <summary>A simulated hypervisor on a clock that only the test moves.</summary>
internal sealed class SimulatedFixture : IAsyncDisposable
{
    public SimulatedFixture(SimulatedOptions options)
    {
        Hypervisor = new SimulatedHypervisor(options, Time, NullLogger<SimulatedHypervisor>.Instance);
    }

    public FakeTimeProvider Time { get; } = new();

    public SimulatedHypervisor Hypervisor { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static VmSpecification Specify(string id) => new()
    {
        Id = VmId.Parse(id),
        Image = new BaseImage("base"),
        Label = id,
        Owner = "acme",
        Repository = "widgets",
    };

    public async Task<VmId> CloneAsync(string id)
    {
        await Hypervisor.EnsureClonedAsync(Specify(id), Token);
        return VmId.Parse(id);
    }

    public async Task<VmId> RunAsync(string id)
    {
        var vm = await CloneAsync(id);
        await Hypervisor.EnsureStartedAsync(vm, Token);
        return vm;
    }

    /// <summary>The machine's reports up to the first of that phase.</summary>
    public async Task<List<GuestReport>> ReportsUntilAsync(VmId id, GuestPhase phase)
    {
        List<GuestReport> reports = [];
        await foreach (var observation in Hypervisor.WatchAsync(Token))
        {
            if (observation.Id == id && observation.Report is { } report)
            {
                reports.Add(report);
                if (report.Phase == phase)
                {
                    break;
                }
            }
        }

        return reports;
    }

    /// <summary>Waits until the machine's power has changed.</summary>
    public async Task PowerChangeAsync(VmId id)
    {
        await foreach (var observation in Hypervisor.WatchAsync(Token))
        {
            if (observation.Id == id && observation.Report is null)
            {
                return;
            }
        }
    }

    public async Task<VmPower?> PowerAsync(VmId id) =>
        (await Hypervisor.ListAsync(Token)).SingleOrDefault(vm => vm.Id == id)?.Power;

    public ValueTask DisposeAsync() => Hypervisor.DisposeAsync();
}
