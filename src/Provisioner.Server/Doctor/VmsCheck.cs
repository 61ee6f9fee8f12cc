using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Doctor;

/// <summary>What became of the VMs of the last day, and whether machines stand here that nobody wants.</summary>
internal static class VmsCheck
{
    private const string Page = "INSTALL.md#when-something-is-wrong";
    private static readonly TimeSpan Lately = TimeSpan.FromDays(1);

    public static async Task<IReadOnlyList<Finding>> LookAsync(
        ServerOptions options, IHypervisor hypervisor, TimeProvider time, bool mayOpenStore, CancellationToken cancellationToken)
    {
        if (!mayOpenStore || !Memory.Exists(options))
        {
            return [];
        }

        using var database = new Database(options);
        var table = new VmTable(database, new VmNews(), time);
        var known = table.Live().Select(vm => vm.Machine).ToHashSet();
        // What is being made while this looks is not yet in one of the lists.
        var orphans = (await hypervisor.ListAsync(cancellationToken)).Select(vm => vm.Id).Where(id => !known.Contains(id)).ToList();
        return
        [
            Judge(table.List(), time.GetUtcNow()),
            .. orphans.Count == 0 ? Array.Empty<Finding>() :
                [Finding.Warn("orphans", $"{orphans.Count} machines carry our mark, and no VM is known for them: {string.Join(", ", orphans.Take(5))}.", "The server removes them when it runs: sudo systemctl start virtualbox-server", Page)],
        ];
    }

    /// <param name="all">All VMs that are remembered.</param>
    /// <param name="now">The time.</param>
    public static Finding Judge(IReadOnlyList<Vm> all, DateTimeOffset now)
    {
        var recent = all.Where(vm => now - vm.CreatedAt < Lately).ToList();
        var failed = recent.Where(vm => vm.Failure is not null).ToList();
        if (failed.Count == 0)
        {
            return Finding.Ok("VMs", recent.Count == 0 ? "Nobody has asked for one within a day" : $"{recent.Count} within a day, none of which failed");
        }

        var worst = failed.GroupBy(vm => vm.Failure!.Code).OrderByDescending(group => group.Count()).First();
        var last = worst.MaxBy(vm => vm.CreatedAt)!;
        return Finding.Warn(
            "VMs", $"{failed.Count} of {recent.Count} within a day failed, {worst.Count()} of them by {worst.Key}. {last.Id}: {last.Failure!.Cause}", last.Failure.Remedy, Page);
    }
}
