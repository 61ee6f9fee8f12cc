using Provisioner.Contracts;
using Provisioner.Server.Placement;
using Provisioner.Server.Store;

namespace Provisioner.Server.Api;

/// <summary>Hosts as those see them who may see the whole of one. What a host has for VMs is known to its own server alone.</summary>
internal sealed class HostViews(HostTable hosts, HostQueue queue)
{
    private const long Unlimited = 1L << 39;

    public HostView[] All() => [.. hosts.List().Select(Of)];

    public HostView Of(HostRow row)
    {
        var view = new HostView
        {
            Name = row.Name,
            Own = row.Name == hosts.Own,
            Up = row.IsUp || row.Name == hosts.Own,
            DrainingSince = row.DrainingSince,
            DrainingBy = row.DrainingBy,
            Vms = row.Holding,
            Waiting = row.Waiting,
        };
        return view.Own ? view with { Room = Room(queue.All, queue.All), Held = Room(queue.Held(), queue.All) } : view;
    }

    private static HostRoom Room(Resources amount, Resources all) => new(
        amount.Count, Limited(amount.Cpus, all.Cpus), Limited(amount.Memory, all.Memory), Limited(amount.Disk, all.Disk));

    private static long? Limited(long amount, long all) => all < Unlimited ? amount : null;
}
