using Provisioner.Server.Placement;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Dashboard;

/// <summary>What the host has for VMs, what is held of it, and who holds each device.</summary>
internal static class CapacitySection
{
    private const long Unlimited = 1L << 39;

    public static Html Of(Resources all, Resources held, IReadOnlyList<Vm> live) => Html.Of(
        $"""
        <section id="capacity" aria-labelledby="capacity-title"><h2 id="capacity-title">Capacity</h2><dl class="bars">
        {Bar("VMs", held.Count, all.Count, "")}{Bar("CPUs", held.Cpus, all.Cpus, "")}{Bar("Memory", held.Memory / 1024, all.Memory / 1024, " GiB")}{Bar("Disk", held.Disk / 1024, all.Disk / 1024, " GiB")}
        </dl>{Devices(all, live)}</section>
        """);

    private static Html Bar(string name, long held, long all, string unit) => all >= Unlimited / 1024
        ? Html.Of($"<div><dt>{name}</dt><dd>{held}{unit}, without a limit</dd></div>")
        : Html.Of($"<div><dt>{name}</dt><dd><meter min=\"0\" max=\"{Math.Max(1, all)}\" high=\"{all * 9 / 10}\" value=\"{held}\" aria-label=\"{name} held\">{held}</meter> {held} of {all}{unit}</dd></div>");

    private static Html Devices(Resources all, IReadOnlyList<Vm> live) => all.Devices.Count == 0 ? Html.Empty : Html.Of(
        $"""
        <table><caption>Devices</caption><thead><tr><th scope="col">Device<th scope="col">Held by</thead><tbody>{all.Devices.Select(device => Html.Of($"<tr><th scope=\"row\">{device}<td>{Holder(device, live)}"))}</tbody></table>
        """);

    private static Html Holder(string device, IReadOnlyList<Vm> live) =>
        live.FirstOrDefault(vm => vm is { PlacedAt: not null, ReleasedAt: null } && vm.Reserved?.Devices.Contains(device) == true) is { } holder
            ? Html.Of($"<a href=\"/vms/{holder.Id.Value}\">{holder.Id.Value}</a>")
            : Html.Of($"nobody");
}
