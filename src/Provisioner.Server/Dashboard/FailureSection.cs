using Provisioner.Contracts;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Dashboard;

/// <summary>The VMs that failed last: cause, remedy, and the last lines of the guest.</summary>
internal static class FailureSection
{
    public static Html Of(IReadOnlyList<Vm> failed, DateTimeOffset now) => Html.Of(
        $"""
        <section id="failures" aria-labelledby="failures-title"><h2 id="failures-title">Recent failures</h2>
        {(failed.Count == 0 ? Html.Of($"<p>None.</p>") : Html.Join(failed.Select(vm => Html.Of($"<article><h3><a href=\"/vms/{vm.Id.Value}\">{vm.Id.Value}</a> <small>{vm.Image}, {Times.Ago(vm.CreatedAt, now)}</small></h3>{Details(vm.Failure!)}</article>"))))}</section>
        """);

    public static Html Details(VmFailure failure) => Html.Of(
        $"<p><code>{failure.Code}</code> {failure.Cause} <strong>{failure.Remedy}</strong></p>{Console(failure.Console)}");

    private static Html Console(string? console) => string.IsNullOrWhiteSpace(console) ? Html.Empty : Html.Of(
        $"<details><summary>Last lines of the guest</summary><pre tabindex=\"0\">{console.Split('\n').Select(line => Html.Of($"{line.TrimEnd('\r')}\n"))}</pre></details>");
}
