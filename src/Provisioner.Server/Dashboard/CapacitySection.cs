using Provisioner.Server.Placement;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Dashboard;

/// <summary>What the host has for VMs, what is held of it, and who holds each device, or why nobody can.</summary>
internal static class CapacitySection
{
    private const long Unlimited = 1L << 39;

    public static Html Of(Resources all, Resources held, IReadOnlyDictionary<string, string> absent, IReadOnlyList<Vm> live) => Html.Of(
        $"""
        <section id="capacity" aria-labelledby="capacity-title"><h2 id="capacity-title">Capacity</h2><dl class="bars">
        {Bar("VMs", held.Count, all.Count, "")}{Bar("CPUs", held.Cpus, all.Cpus, "")}{Bar("Memory", held.Memory / 1024, all.Memory / 1024, " GiB")}{Bar("Disk", held.Disk / 1024, all.Disk / 1024, " GiB")}
        </dl>{Devices(all, absent, live)}</section>
        """);

    private static Html Bar(string name, long held, long all, string unit) => all >= Unlimited / 1024
        ? Html.Of($"<div><dt>{name}</dt><dd>{held}{unit}, without a limit</dd></div>")
        : Html.Of($"<div><dt>{name}</dt><dd><meter min=\"0\" max=\"{Math.Max(1, all)}\" high=\"{all * 9 / 10}\" value=\"{held}\" aria-label=\"{name} held\">{held}</meter> {held} of {all}{unit}</dd></div>");

    private static Html Devices(Resources all, IReadOnlyDictionary<string, string> absent, IReadOnlyList<Vm> live) => all.Devices.Count == 0 ? Html.Empty : Html.Of(
        $"""
        <table id="devices" class="cards"><caption>Devices</caption><thead><tr><th scope="col">Device<th scope="col">State</thead><tbody>
        {all.Devices.Select(device => Html.Of($"<tr><th scope=\"row\">{device}<td data-of=State>{State(absent.GetValueOrDefault(device), Holder(device, live))}"))}
        </tbody></table>
        """);

    // A device may be unplugged while a VM has it.
    private static Html State(string? absent, Vm? holder) => Html.Of(
        $"{(absent is null ? Html.Empty : Html.Of($"<b class=\"bad\">absent</b>: {absent} "))}{(holder is not null ? Html.Of($"held by <a href=\"/vms/{holder.Id.Value}\">{holder.Id.Value}</a>") : absent is null ? Html.Of($"<b class=\"good\">free</b>") : Html.Empty)}");

    private static Vm? Holder(string device, IReadOnlyList<Vm> live) =>
        live.FirstOrDefault(vm => vm is { PlacedAt: not null, ReleasedAt: null } && vm.Reserved?.Devices.Contains(device) == true);
}
