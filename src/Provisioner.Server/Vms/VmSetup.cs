using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Qemu;
using Provisioner.Hypervisors.Simulated;
using Provisioner.Hypervisors.VirtualBox;
using Provisioner.Server.Audit;
using Provisioner.Server.Configuration;
using Provisioner.Server.Images;
using Provisioner.Server.Placement;
using Provisioner.Server.Store;

namespace Provisioner.Server.Vms;

/// <summary>The life cycle of VMs and what it stands on: store, hypervisor, GitHub.</summary>
internal static class VmSetup
{
    public static void AddVms(this IServiceCollection services)
    {
        services.AddSingleton<Database>();
        services.AddSingleton<VmNews>();
        services.AddSingleton<VmTable>();
        services.AddSingleton<TokenTable>();
        services.AddSingleton<AuditTable>();
        services.AddSingleton<HostTable>();
        services.AddSingleton<EventTable>();
        services.AddSingleton<Refusals>();
        services.AddSingleton(provider => new PlacementTable(
            provider.GetRequiredService<Database>(), provider.GetRequiredService<VmNews>(), provider.GetRequiredService<ImageCatalog>().RecipeOf, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<HostQueue>();
        services.AddSingleton<Admission>();
        services.AddSingleton(provider => CreateHypervisor(
            provider.GetRequiredService<ServerOptions>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<GitHubConnection>();
        services.AddSingleton<Registrations>();
        services.AddSingleton<ImageCatalog>();
        services.AddSingleton<VmWork>();
        services.AddHostedService<HostLease>(); // first: nothing acts for the host before it is claimed
        services.AddHostedService<RecordKeeping>(); // second: it writes the last rows when all others have stopped
        services.AddHostedService<VmReconciler>();
        services.AddHostedService<GuestReports>();
        services.AddSingleton<RunWatch>();
        services.AddSingleton<JobWatch>();
        services.AddSingleton<RunnerWatch>();
        services.AddHostedService<GitHubWatch>();
    }

    /// <summary>The hypervisor that the configuration names.</summary>
    public static IHypervisor CreateHypervisor(ServerOptions options, TimeProvider time, ILoggerFactory loggers) => options.Hypervisor switch
    {
        HypervisorKind.VirtualBox => new VirtualBoxHypervisor(options.VirtualBox, time, loggers.CreateLogger<VirtualBoxHypervisor>()),
        HypervisorKind.Qemu => new QemuHypervisor(options.Qemu, time, loggers.CreateLogger<QemuHypervisor>()),
        HypervisorKind.Simulated => new SimulatedHypervisor(options.Simulated, time, loggers.CreateLogger<SimulatedHypervisor>()),
    };
}
