using Provisioner.Server.Vms;

namespace Provisioner.Server.Dashboard;

/// <summary>The VMs that have their place on a host.</summary>
internal static class VmSection
{
    public static Html Of(IReadOnlyList<Vm> vms, DateTimeOffset now) => Html.Of(
        $"""
        <section id="vms" aria-labelledby="vms-title"><h2 id="vms-title">VMs ({vms.Count})</h2>
        {(vms.Count == 0 ? Html.Of($"<p>None.</p>") : Table(vms, now))}</section>
        """);

    // End tags that HTML does not ask for are left out: with five hundred rows they are a fifth of the page.
    private static Html Table(IReadOnlyList<Vm> vms, DateTimeOffset now) => Html.Of(
        $"""
        <table class="cards"><thead><tr><th scope="col">VM<th scope="col">Phase<th scope="col">Image<th scope="col">Repository<th scope="col">Asked for<th scope="col">Ends<th scope="col">Why</thead><tbody>
        {vms.Select(vm => Row(vm, now))}
        </tbody></table>
        """);

    private static Html Row(Vm vm, DateTimeOffset now) => Html.Of(
        $"<tr><th scope=row><a href=\"/vms/{vm.Id.Value}\">{vm.Id.Value}</a><td data-of=Phase><b class={Phase(vm)}>{Phase(vm)}</b><td data-of=Image>{vm.Image}<td data-of=Repository>{(vm.Warm is null ? vm.Repository.ToString() : "nobody yet (warm)")}<td data-of=\"Asked for\">{Times.Ago(vm.CreatedAt, now)}<td data-of=Ends>{Times.Until(vm.ExpiresAt, now)}<td data-of=Why>{vm.Failure?.Cause ?? vm.Reason}\n");

    public static string Phase(Vm vm) => vm.Phase.ToString().ToLowerInvariant();
}
