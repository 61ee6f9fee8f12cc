using Provisioner.Server.Placement;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Dashboard;

/// <summary>Who waits for a place, and for what.</summary>
internal static class QueueSection
{
    public static Html Of(IReadOnlyList<QueuePlace> places, IReadOnlyList<Vm> live)
    {
        var repositories = live.ToDictionary(vm => vm.Id, vm => vm.Repository.ToString());
        return Html.Of(
            $"""
            <section id="queue" aria-labelledby="queue-title"><h2 id="queue-title">Queue ({places.Count})</h2>
            {(places.Count == 0 ? Html.Of($"<p>Nobody waits.</p>") : Html.Of($"<ol>{places.Select(place => Html.Of($"<li><a href=\"/vms/{place.Waiting.Id.Value}\">{place.Waiting.Id.Value}</a> for {repositories.GetValueOrDefault(place.Waiting.Id)}: {place.Lack}"))}</ol>"))}</section>
            """);
    }
}
