using Provisioner.Contracts;
using Provisioner.Server.Api;
using Provisioner.Server.Configuration;
using Provisioner.Server.Images;
using Provisioner.Server.Placement;
using Provisioner.Server.Store;

namespace Provisioner.Server.Dashboard;

/// <summary>The host at a glance: whether it can work, what is held of it, who is there, who waits and for what, the images, and what failed last.</summary>
internal sealed class OverviewPage(VmTable vms, HostTable hosts, HostQueue queue, ImageCatalog images, Readiness readiness, ServerOptions options, TimeProvider time)
{
    private const int Failures = 10;

    // A hypervisor that hangs makes a page without it, and not none.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<IResult> ShowAsync(HttpContext context)
    {
        var problem = await WithinAsync(readiness.FindProblemAsync(context.RequestAborted), "the hypervisor does not answer", context.RequestAborted);
        var pictures = await WithinAsync<IReadOnlyList<ImageView>?>(ListAsync(context.RequestAborted), null, context.RequestAborted);
        var live = vms.Live();
        var places = live.Any(vm => vm.IsQueued) ? queue.Look().Values.OrderBy(place => place.Position).ToList() : [];
        var now = time.GetUtcNow();
        return new PageResult($"{options.HostName}: VMs", Html.Of(
            $"""
            <h1>{options.HostName}</h1>
            <section id="state" aria-live="polite"><p class="{(problem is null ? "good" : "bad")}">{(problem is null ? "This host can start VMs." : $"Not ready: {problem}. What mends it, on the host: virtualbox-server doctor")}</p>{Draining(now)}</section>
            {CapacitySection.Of(queue.All, queue.Held(), queue.Absent(), live)}
            {VmSection.Of(live.Where(vm => !vm.IsQueued).ToList(), now)}
            {QueueSection.Of(places, live)}
            {ImageSection.Of(pictures, queue.Warm(), queue.Saved())}
            {FailureSection.Of(vms.Failures(Failures), now)}
            """), isLive: true);
    }

    private Html Draining(DateTimeOffset now) => hosts.FindOwn() is { DrainingSince: { } since, DrainingBy: var by }
        ? Html.Of($"<p class=\"bad\">It is drained since {Times.Length(now - since)}, by {by}: no new VM gets a place until somebody resumes it (virtualbox-client resume).</p>")
        : Html.Empty;

    private async Task<IReadOnlyList<ImageView>?> ListAsync(CancellationToken cancellationToken) => await images.ListAsync(cancellationToken);

    private async Task<T> WithinAsync<T>(Task<T> asked, T otherwise, CancellationToken cancellationToken)
    {
        try
        {
            return await asked.WaitAsync(Patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return otherwise;
        }
    }
}
