using Provisioner.Server.Configuration;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Doctor;

/// <summary>What became of the VMs of the last day.</summary>
internal static class VmsCheck
{
    private const string Page = "docs/how-to/troubleshoot.md";
    private static readonly TimeSpan Lately = TimeSpan.FromDays(1);

    public static Task<IReadOnlyList<Finding>> LookAsync(ServerOptions options, TimeProvider time, bool mayOpenStore)
    {
        if (!mayOpenStore || !Memory.Exists(options))
        {
            return Task.FromResult<IReadOnlyList<Finding>>([]);
        }

        using var database = Memory.Open(options);
        return Task.FromResult<IReadOnlyList<Finding>>([Judge(new VmTable(database, new VmNews(), time).List(), time.GetUtcNow())]);
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
