using Provisioner.Contracts;
using Provisioner.Server.Access;

namespace Provisioner.Server.Dashboard;

/// <summary>The hosts that share the store, whether each takes new VMs; and for operators, how that changes.</summary>
internal static class HostSection
{
    public static Html Of(IReadOnlyList<HostView> hosts, Caller caller, DateTimeOffset now) => Html.Of(
        $"""
        <section id="hosts" aria-labelledby="hosts-title"><h2 id="hosts-title">Hosts ({hosts.Count})</h2>
        <table class="cards"><thead><tr><th scope="col">Host<th scope="col">State<th scope="col">VMs<th scope="col">Waiting{(IsOperator(caller) ? Html.Of($"<th scope=\"col\">Action") : Html.Empty)}</thead><tbody>
        {hosts.Select(host => Html.Of($"<tr><th scope=\"row\">{host.Name}<td data-of=State>{State(host, now)}<td data-of=VMs>{host.Vms}<td data-of=Waiting>{host.Waiting}{(IsOperator(caller) ? Html.Of($"<td data-of=Action>{Action(host)}") : Html.Empty)}"))}
        </tbody></table></section>
        """);

    private static bool IsOperator(Caller caller) => caller.Grant.Limits.Role == HostRole.Operator;

    private static Html State(HostView host, DateTimeOffset now) => Html.Of(
        $"{(host.Up ? Html.Empty : Html.Of($"<b class=\"bad\">its server is away</b>; "))}{(host.DrainingSince is { } since ? Drained(host, now - since) : Html.Of($"<b class=\"good\">takes new VMs</b>"))}");

    private static Html Drained(HostView host, TimeSpan since) => Html.Of(
        $"<b class=\"bad\">drained</b> for {Times.Length(since)}, by {host.DrainingBy}: it takes no new VM, and {(host.Vms == 0 ? "none is left" : $"those that it has live on ({host.Vms})")}");

    private static Html Action(HostView host) => host.DrainingSince is null
        ? Html.Of($"<form method=\"post\" action=\"/hosts/{Uri.EscapeDataString(host.Name)}/drain\"><button class=\"danger\">Drain {host.Name}: no new VM</button></form>")
        : Html.Of($"<form method=\"post\" action=\"/hosts/{Uri.EscapeDataString(host.Name)}/resume\"><button>Resume {host.Name}: take new VMs again</button></form>");
}
