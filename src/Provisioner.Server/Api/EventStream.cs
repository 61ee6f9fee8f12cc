using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Provisioner.Contracts;
using Provisioner.Server.Access;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Api;

/// <summary>
/// <c>GET /v1/vms/{id}/events</c>: all events of a VM from its beginning, or after <c>Last-Event-ID</c>, and then each as it
/// happens, until the VM is gone or the caller's API token ends; with <c>follow=false</c> it ends after those that there are. A comment every 15 s tells both ends that the other still lives. Written by hand, because
/// the framework's own result cannot write comments.
/// </summary>
internal static class EventStream
{
    internal static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    public static async Task WriteAsync(
        string id, HttpContext context, VmTable vms, VmNews news, TimeProvider time, CredentialEnd credentials, IHostApplicationLifetime lifetime, bool follow = true)
    {
        if (VmEndpoints.Find(id, context.Caller, vms) is not { } vm)
        {
            await VmEndpoints.NoSuchVm().ExecuteAsync(context);
            return;
        }

        using var opened = credentials.Open(context.Caller);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping, opened.Ended);
        Begin(context);
        using var following = news.Follow(vm.Id);
        var last = LastEventId(context.Request, vm, vms);
        try
        {
            await context.Response.WriteAsync(": hello\n\n", ends.Token);
            while (await TryWriteNewAsync(vm, context, vms, last, follow, ends.Token) is { } reached)
            {
                last = reached;
                if (!follow)
                {
                    break;
                }

                if (!await following.WaitAsync(Heartbeat, time, ends.Token))
                {
                    await context.Response.WriteAsync(": still here\n\n", ends.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The client has hung up, or the server stops: either end finds the other again by Last-Event-ID. Or its token has ended: its next request is told so.
        }
        catch (StoreException) when (context.Response.HasStarted)
        {
            context.Abort(); // a stream that ended whole would say that this was all
        }
    }

    public static void Begin(HttpContext context)
    {
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no"; // nginx in between collects small answers otherwise
    }

    /// <summary>The same; while the store fails there is nothing new, and the next look, if there will be one, has it all.</summary>
    private static async Task<long?> TryWriteNewAsync(Vm vm, HttpContext context, VmTable vms, long last, bool follow, CancellationToken cancellationToken)
    {
        try
        {
            return await WriteNewAsync(vm, context, vms, last, cancellationToken);
        }
        catch (StoreException) when (follow)
        {
            return last;
        }
    }

    /// <summary>Writes the events after <paramref name="last"/>; null when there will be no more.</summary>
    private static async Task<long?> WriteNewAsync(Vm vm, HttpContext context, VmTable vms, long last, CancellationToken cancellationToken)
    {
        if (vms.Find(vm.Id)?.Key != vm.Key)
        {
            return null; // forgotten, or the id is another VM's by now
        }

        foreach (var change in vms.Events(vm.Id, last))
        {
            last = change.Sequence;
            await WriteEventAsync(context.Response, change, cancellationToken);
            if (change.Phase == VmPhase.Gone)
            {
                return null;
            }
        }

        return IsOver(vm, vms, last) ? null : last;
    }

    private static bool IsOver(Vm vm, VmTable vms, long last)
    {
        try
        {
            return vms.Find(vm.Id) is null or { GoneAt: not null } && vms.Events(vm.Id, last).Count == 0;
        }
        catch (StoreException)
        {
            return false; // what was written just now is not to be written again
        }
    }

    /// <summary>What is no id of one of this VM's events (garbage, or from a database that was put back since) tells nothing: all events are sent.</summary>
    private static long LastEventId(HttpRequest request, Vm vm, VmTable vms) =>
        long.TryParse(request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var given)
        && given > 0 && vms.Events(vm.Id, given - 1) is [var known, ..] && known.Sequence == given
            ? given : 0;

    /// <summary>Writes one event; from the id given it goes on, where that is not its own.</summary>
    internal static Task WriteEventAsync(HttpResponse response, VmEvent change, CancellationToken cancellationToken, long? id = null)
    {
        var data = JsonSerializer.Serialize(change, WireJson.Default.VmEvent);
        return response.WriteAsync($"event: vm\nid: {id ?? change.Sequence}\ndata: {data}\n\n", cancellationToken);
    }
}
