using Provisioner.Contracts;
using Provisioner.Server.Access;
using Provisioner.Server.Store;

namespace Provisioner.Server.Api;

/// <summary><c>/v1/hosts</c>: who may see the whole host looks at it, and operators have it take no new VM, so that it can be serviced.</summary>
internal static class HostEndpoints
{
    public static void MapHosts(this RouteGroupBuilder group)
    {
        var api = group.MapGroup("").WithTags("Hosts");
        api.MapGet("/hosts", List).WithName("listHosts").WithSummary("List the hosts with what they have for VMs").Produces<HostView[]>();
        api.MapPost("/hosts/{name}/drain", Drain).WithName("drainHost").WithSummary("Have a host take no new VM; those that it has live on").Produces<HostView>();
        api.MapPost("/hosts/{name}/resume", Resume).WithName("resumeHost").WithSummary("Let a drained host take VMs again").Produces<HostView>();
    }

    private static IResult List(HttpContext context, HostViews views) => context.Caller.Grant.Limits.Role is null
        ? Problems.Of(ProblemCode.Forbidden, "This caller may not see the host.", "Make a token for it: virtualbox-server token create --name NAME --role viewer")
        : TypedResults.Json(views.All(), WireJson.Default.HostViewArray);

    private static IResult Drain(string name, HttpContext context, HostTable hosts, HostViews views) =>
        Refusal(context) ?? Answer(hosts.Drain(name, context.Caller.Name), views);

    private static IResult Resume(string name, HttpContext context, HostTable hosts, HostViews views) =>
        Refusal(context) ?? Answer(hosts.Resume(name, context.Caller.Name), views);

    private static IResult Answer(HostRow? row, HostViews views) => row is not null
        ? TypedResults.Json(views.Of(row), WireJson.Default.HostView)
        : Problems.Of(ProblemCode.NotFound, "There is no such host.", "List the hosts with GET /v1/hosts.");

    private static IResult? Refusal(HttpContext context) =>
        context.Caller.Grant.Limits.Role != HostRole.Operator
            ? Problems.Of(ProblemCode.Forbidden, "This caller may not drain or resume hosts.", "Make a token for it: virtualbox-server token create --name NAME --role operator")
            : null;
}
