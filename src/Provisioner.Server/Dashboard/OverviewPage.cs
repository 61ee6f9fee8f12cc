using Provisioner.Contracts;
using Provisioner.Server.Api;
using Provisioner.Server.Configuration;
using Provisioner.Server.Images;
using Provisioner.Server.Placement;
using Provisioner.Server.Store;

namespace Provisioner.Server.Dashboard;

/// <summary>The host at a glance: whether it can work, what is held of it, who is there, who waits and for what, the images, and what failed last.</summary>
internal sealed class OverviewPage(VmTable vms, HostViews hosts, HostQueue queue, ImageCatalog images, Readiness readiness, ServerOptions options, TimeProvider time)
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
        var views = hosts.All();
        return new PageResult($"{options.HostName}: VMs", Html.Of(
            $"""
            <h1>{options.HostName}</h1>
            <section id="state" aria-live="polite">{(problem is null ? Html.Empty : Html.Of($"<p class=\"bad\">Not ready: {problem}. What mends it, on the host: virtualbox-server doctor</p>"))}{Work(views, problem, now)}</section>
            {HostSection.Of(views, context.Caller, now)}
            {CapacitySection.Of(queue.All, queue.Held(), queue.Absent(), live)}
            {VmSection.Of(live.Where(vm => !vm.IsQueued).ToList(), now)}
            {QueueSection.Of(places, live)}
            {ImageSection.Of(pictures, queue.Warm(), queue.Saved())}
            {FailureSection.Of(vms.Failures(Failures), now)}
            """), isLive: true);
    }

    private static Html Work(HostView[] hosts, string? problem, DateTimeOffset now) => hosts.FirstOrDefault(host => host.Own) is { DrainingSince: { } since, DrainingBy: var by }
        ? Html.Of($"<p class=\"bad\">This host has been drained for {Times.Length(now - since)}, by {by}: no new VM gets a place until an operator resumes it.</p>")
        : problem is null ? Html.Of($"<p class=\"good\">This host can start VMs.</p>")
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
