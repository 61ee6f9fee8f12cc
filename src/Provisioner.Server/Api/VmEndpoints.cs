using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Server.Access;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Api;

/// <summary><c>/v1/vms</c>: ask for a VM, look at it, have it removed. A foreign id looks the same as none.</summary>
internal static class VmEndpoints
{
    public static void MapVms(this RouteGroupBuilder group, DenialRecord denials)
    {
        var api = group.MapGroup("").WithTags("VMs");
        api.MapPost("/vms", CreateAsync).WithName("createVm").WithSummary("Create a VM, or find the one that this request made before")
            .Accepts<CreateVm>("application/json").Produces<VmView>(202).Produces<VmView>().AddEndpointFilter(denials);
        api.MapGet("/vms", List).WithName("listVms").WithSummary("List the VMs of the caller's repositories").Produces<VmView[]>();
        api.MapGet("/vms/{id}", Get).WithName("getVm").WithSummary("Look at a VM").Produces<VmView>();
        api.MapPost("/vms/{id}/extend", ExtendAsync).WithName("extendVm").WithSummary("Let a VM live longer")
            .Accepts<ExtendVm>("application/json").Produces<VmView>().AddEndpointFilter(denials);
        api.MapDelete("/vms/{id}", Delete).WithName("deleteVm").WithSummary("Have a VM removed: registration, machine, disk")
            .Produces<VmView>(202).Produces(204);
        api.MapGet("/vms/{id}/events", EventStream.WriteAsync).WithName("followVm").WithSummary("Follow a VM until it is gone")
            .Produces<string>(200, "text/event-stream");
        api.MapGet("/vms/{id}/console", VmConsole.ReadAsync).WithName("readConsole").WithSummary("Read the last lines of a VM's console")
            .Produces<string>(200, "text/plain");
        api.MapGet("/events", EventFeed.WriteAsync).WithName("followAll").WithSummary("Follow all VMs of the caller's repositories")
            .Produces<string>(200, "text/event-stream");
    }

    private static async Task<IResult> CreateAsync(HttpContext context, Admission admission, VmRequests requests, VmTable vms, ServerOptions options)
    {
        var (vm, refusal) = await requests.ReadAsync(context, context.RequestAborted);
        if (vm is null)
        {
            return refusal!;
        }

        // Nobody waits for a VM whose request was given up before it was written down.
        context.RequestAborted.ThrowIfCancellationRequested();
        var (standing, created, noRoom) = admission.Add(vm, context.Caller.Grant.Limits.MaxVms);
        if (standing is null)
        {
            return NoRoomFor(vm, noRoom, context, options.Vms.MaxQueued);
        }

        if (!created && !IsSame(standing, vm, context.Caller))
        {
            return Problems.Of(
                ProblemCode.IdInUse,
                $"The id {vm.Id} is in use by another VM.",
                "Choose another id, or delete that VM first.");
        }

        if (!created)
        {
            standing = vms.Change(standing.Id, row => row.IsSame(standing) ? row.AskedForAgain(vm.Run) : row, by: context.Caller.Name) ?? standing;
        }

        context.Response.Headers.Location = $"/v1/vms/{standing.Id}";
        var view = standing.ToView(options.HostName);
        return TypedResults.Json(view, WireJson.Default.VmView, statusCode: created ? 202 : 200);
    }

    private static IResult List(HttpContext context, VmTable vms, VmViews views)
    {
        var covered = vms.List().Where(vm => context.Caller.Grant.Covers(vm.Repository)).ToList();
        return TypedResults.Json(views.Of(covered, context.Caller), WireJson.Default.VmViewArray);
    }

    private static IResult Get(string id, HttpContext context, VmTable vms, VmViews views) =>
        Find(id, context.Caller, vms) is { } vm
            ? TypedResults.Json(views.Of(vm, context.Caller), WireJson.Default.VmView)
            : NoSuchVm();

    private static Task<IResult> ExtendAsync(string id, HttpContext context, VmExtension extension) => extension.ExtendAsync(id, context);

    private static IResult Delete(string id, HttpContext context, VmTable vms, VmViews views)
    {
        if (!VmId.TryParse(id, out _))
        {
            return Problems.Of(ProblemCode.InvalidRequest, "This is not the id of a VM.", $"An id is {VmId.Rule}.");
        }

        // Deleting what is not there is success: that is what was asked for.
        if (Find(id, context.Caller, vms) is not { GoneAt: null } vm)
        {
            return TypedResults.NoContent();
        }

        var after = vms.Change(vm.Id, row => row.IsSame(vm) ? row.NotWanted($"{context.Caller.Name} asked for its removal.") : row, by: context.Caller.Name);
        if (after is null || !after.IsSame(vm))
        {
            return TypedResults.NoContent(); // it went meanwhile, and the id is another VM's now
        }

        CrashPoint.Reach(CrashPoint.DeleteWritten);
        return TypedResults.Json(views.Of(after, context.Caller), WireJson.Default.VmView, statusCode: 202);
    }

    private static IResult NoRoomFor(Vm vm, NoRoom? noRoom, HttpContext context, int mostQueued)
    {
        context.Response.Headers.RetryAfter = "20";
        return noRoom == NoRoom.RuleUsedUp
            ? Problems.Of(
                ProblemCode.RuleUsedUp,
                $"{context.Caller.Grant.Limits.MaxVms} VMs of {vm.Repository} live already, and '{vm.Rule}' allows no more at the same time.",
                "Ask again after the seconds in Retry-After, when one of them is gone; or delete one that is not needed.")
            : Problems.Of(
                ProblemCode.QueueFull,
                $"{mostQueued} VMs wait for their place on this host already, and no more may.",
                "Ask again after the seconds in Retry-After; or give the server more room: vms.maxRunning, capacity, vms.maxQueued.");
    }

    internal static Vm? Find(string id, Caller caller, VmTable vms) =>
        VmId.TryParse(id, out var parsed) && vms.Find(parsed) is { Warm: null } vm && caller.Grant.Covers(vm.Repository) ? vm : null;

    internal static IResult NoSuchVm() =>
        Problems.Of(ProblemCode.NotFound, "There is no such VM.", "List your VMs with GET /v1/vms; the record of one that is gone is kept for some days only.");

    private static bool IsSame(Vm standing, Vm asked, Caller caller) =>
        caller.Grant.Covers(standing.Repository)
        && standing.IsOf(caller)
        && (standing.Repository, standing.Image, standing.Hardware) == (asked.Repository, asked.Image, asked.Hardware)
        && (standing.Key == asked.Key || standing is { Wanted: Wanted.Present, BusyAt: null }); // a single-use runner that has its job serves nobody else
}
