using Provisioner.Client.Text;
using Provisioner.Contracts;

namespace Provisioner.Client.Commands;

/// <summary>What <c>top</c> shows: hosts, how many VMs are in which phase, and the VMs that are not gone. Pure.</summary>
internal static class TopPage
{
    /// <param name="hosts">Null where the caller may not see them.</param>
    /// <param name="vms">All that the caller may see.</param>
    /// <param name="now">The time.</param>
    /// <param name="height">How many lines there may be; null for all.</param>
    public static IReadOnlyList<string> Of(IReadOnlyList<HostView>? hosts, IReadOnlyList<VmView> vms, DateTimeOffset now, int? height)
    {
        // Whoever waits or works comes before what goes; the oldest first.
        var live = vms.Where(vm => vm.Phase != VmPhase.Gone).OrderBy(vm => vm.Phase == VmPhase.Deleting).ThenBy(vm => vm.CreatedAt).ToList();
        List<string> above = [.. hosts is null ? [] : Lines(HostsCommand.TableOf(hosts, now)).Append(""), Sum(live)];
        if (live.Count == 0)
        {
            return Cut(above, height);
        }

        var room = height is { } most ? Math.Max(1, most - above.Count - 1) : live.Count;
        var shown = live.Count > room ? Math.Max(0, room - 1) : live.Count;
        var below = live.Count > shown ? [$"… and {live.Count - shown} more"] : Array.Empty<string>();
        return Cut([.. above, .. Lines(TableOf(live.Take(shown), now)), .. below], height);
    }

    private static string Sum(List<VmView> live)
    {
        var phases = live.GroupBy(vm => vm.Phase).OrderBy(group => group.Key).Select(group => $"{group.Count()} {PhaseName.Of(group.Key)}");
        return live.Count == 0 ? "No VM." : $"{live.Count} {(live.Count == 1 ? "VM" : "VMs")}: {string.Join(", ", phases)}";
    }

    private static string TableOf(IEnumerable<VmView> vms, DateTimeOffset now) => Table.Of(
        ["ID", "PHASE", "IMAGE", "REPOSITORY", "HOST", "AGE", "NEXT", "REASON"],
        vms.Select(vm => (IReadOnlyList<string>)
        [
            vm.Id, PhaseName.Of(vm.Phase), vm.Image, vm.Repository, vm.Host, Duration.Format(now - vm.CreatedAt),
            vm.Deadline is { } next ? RelativeTime.Of(next.At, now) : "-", vm.Failure?.Cause ?? vm.Reason,
        ]));

    private static string[] Lines(string table) => table.TrimEnd('\n').Split('\n');

    private static List<string> Cut(List<string> lines, int? height) => height is { } most ? [.. lines.Take(most)] : lines;
}
