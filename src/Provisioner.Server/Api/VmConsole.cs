using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Server.Access;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Api;

/// <summary><c>GET /v1/vms/{id}/console</c>: the last of what a guest has written to its console, for who may see the VM.</summary>
internal static class VmConsole
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task<IResult> ReadAsync(string id, HttpContext context, VmTable vms, IHypervisor hypervisor, TimeProvider time)
    {
        if (VmEndpoints.Find(id, context.Caller, vms) is not { } vm)
        {
            return VmEndpoints.NoSuchVm();
        }

        if (vm.ClonedAt is null || vm.ReleasedAt is not null)
        {
            return Text(vm.Failure?.Console ?? "", vm, context); // there is no machine (any more)
        }

        if (vm.Host != vms.Host)
        {
            return NoConsole($"The VM runs on the host {vm.Host}, and only that one's server can read its console.", $"Ask the server of {vm.Host}.");
        }

        if (!hypervisor.KeepsConsole)
        {
            return NoConsole($"The hypervisor {hypervisor.Name} keeps no console of its guests.", "See what is known otherwise: GET /v1/vms/{id}/events, virtualbox-client logs and explain.");
        }

        try
        {
            return Text(await hypervisor.ReadConsoleAsync(vm.Machine, context.RequestAborted).WaitAsync(Patience, time, context.RequestAborted), vm, context);
        }
        catch (HypervisorException problem)
        {
            var fault = problem.Fault is HypervisorFault.ProgramMissing or HypervisorFault.TimedOut ? problem.Fault : HypervisorFault.Failed;
            return Problems.Of(Failures.From(fault, problem.Message));
        }
        catch (TimeoutException)
        {
            return Problems.Of(Failures.From(HypervisorFault.TimedOut, "The hypervisor did not give the console in time."));
        }
    }

    private static IResult Text(string console, Vm vm, HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.Text(Shown(console, vm, context.Caller), "text/plain");
    }

    /// <summary>What a caller may see of it. Who knows the label that the server made can take the runner: see <see cref="VmViews"/>.</summary>
    internal static string Shown(string console, Vm vm, Caller caller) => vm.IsOf(caller)
        ? ConsoleTail.Plain(console)
        : vm.Labels.Where(OwnLabel.Is).Aggregate(ConsoleTail.Plain(console), (shown, label) => shown.Replace(label, "vm-***", StringComparison.OrdinalIgnoreCase));

    private static IResult NoConsole(string cause, string remedy) => Problems.Of(ProblemCode.NoConsole, cause, remedy);
}
