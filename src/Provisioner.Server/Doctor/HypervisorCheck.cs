using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;

namespace Provisioner.Server.Doctor;

/// <summary>Whether the hypervisor answers, soon enough, and can start machines here.</summary>
internal static class HypervisorCheck
{
    private const string Page = "INSTALL.md";
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);

    public static async Task<IReadOnlyList<Finding>> LookAsync(ServerOptions options, IHypervisor hypervisor, HostFacts host, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        HypervisorHealth health;
        try
        {
            health = await hypervisor.CheckAsync(cancellationToken);
        }
        catch (HypervisorException problem)
        {
            return [Finding.Fail(hypervisor.Name, problem.Message, $"{hypervisor.Name}.program of the configuration names it, where it is not in the PATH.", Page)];
        }

        var took = TimeProvider.System.GetElapsedTime(started);
        return
        [
            !health.CanStart ? Finding.Fail(hypervisor.Name, $"{health.Version ?? "no version"}: {health.Detail}", "Do what the line above says.", Page)
                : took > Slow ? Finding.Warn(hypervisor.Name, $"{health.Version} took {took.TotalSeconds:0.0} s to answer.", "Ask again. If it stays so, see how loaded the host is, and how many machines are registered.", Page)
                : Finding.Ok(hypervisor.Name, $"{health.Version}, {health.Detail}".TrimEnd(' ', ',')),
            .. Conflict(options, host),
            .. Pretence(options),
        ];
    }

    private static IEnumerable<Finding> Conflict(ServerOptions options, HostFacts host)
    {
        if (options.Hypervisor == HypervisorKind.VirtualBox && host.ModuleInUse("kvm_intel", "kvm_amd") is { } module)
        {
            yield return Finding.Warn("KVM", $"Another hypervisor uses the processor's virtualisation ({module}): machines may not start, or crawl.", $"Stop its machines, then: sudo modprobe -r {module}", Page);
        }
    }

    private static IEnumerable<Finding> Pretence(ServerOptions options)
    {
        if (options.Hypervisor == HypervisorKind.Simulated)
        {
            yield return Finding.Warn("rehearsal", "No machine runs: the hypervisor is a rehearsal.", "Set hypervisor to virtualbox or qemu in the configuration.", "docs/reference/configuration.md");
        }
    }
}
