using System.Text.Json;
using Provisioner.Contracts;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Api;

/// <summary><c>POST /v1/vms/{id}/extend</c>: a longer life for a VM, counted from now, up to <c>vms.maxLifetime</c> since it was asked for.</summary>
internal sealed class VmExtension(VmTable vms, VmViews views, ServerOptions options, TimeProvider time)
{
    public async Task<IResult> ExtendAsync(string id, HttpContext context)
    {
        // Read first: it may take its time, and what the id stood for before it may be another's VM behind it.
        var (lifetime, refusal) = await ReadAsync(context);
        if (VmEndpoints.Find(id, context.Caller, vms) is not { } vm)
        {
            return VmEndpoints.NoSuchVm();
        }

        if (refusal is not null)
        {
            return refusal;
        }

        if (vm.Wanted == Wanted.Gone)
        {
            return Ended(vm);
        }

        var now = time.GetUtcNow();
        var most = vm.CreatedAt + options.Vms.MaxLifetime - now;
        if (lifetime < TimeSpan.FromMinutes(1) || lifetime > most)
        {
            return Wrong($"{TimeSpan.FromMinutes(1):c} to {Whole(most):c}: no VM lives longer than {options.Vms.MaxLifetime:c} since it was asked for.");
        }

        if (GrantExcess.Find(vm, lifetime, now, context.Caller.Grant) is { } excessive)
        {
            return excessive;
        }

        // The time is read in the write: the clock may have been followed since.
        var after = vms.Change(
            vm.Id, row => row.IsSame(vm) ? row.Extended(time.GetUtcNow() + lifetime) : row, $"{context.Caller.Name} extended its life until {now + lifetime:u}.", context.Caller.Name);
        return after is null || !after.IsSame(vm) ? VmEndpoints.NoSuchVm()
            : after.Wanted == Wanted.Present ? TypedResults.Json(views.Of(after, context.Caller), WireJson.Default.VmView)
            : Ended(after);
    }

    private static IResult Ended(Vm vm) =>
        Problems.Of(ProblemCode.AlreadyGone, $"The VM {vm.Id} is gone or being removed.", "Create another; a VM that is to go cannot be kept.");

    private static async Task<(TimeSpan Lifetime, IResult? Refusal)> ReadAsync(HttpContext context)
    {
        try
        {
            var body = await JsonSerializer.DeserializeAsync(context.Request.Body, WireJson.Default.ExtendVm, context.RequestAborted);
            return body?.Lifetime is { } lifetime ? (lifetime, null) : (default, Wrong("Needed: how long the VM shall live from now on, hh:mm:ss."));
        }
        catch (JsonException)
        {
            return (default, Problems.Of(
                ProblemCode.InvalidRequest, "The body is not what this address takes.", "Send JSON such as {\"lifetime\": \"02:00:00\"}."));
        }
    }

    private static IResult Wrong(string message)
    {
        var errors = new RequestErrors();
        errors.Add("lifetime", message);
        return errors.ToProblem();
    }

    private static TimeSpan Whole(TimeSpan time) => TimeSpan.FromSeconds(Math.Floor(Math.Max(0, time.TotalSeconds)));
}
