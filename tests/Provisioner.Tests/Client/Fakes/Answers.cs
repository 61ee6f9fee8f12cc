using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Provisioner.Contracts;

namespace Provisioner.Tests.Client.Fakes;

/// <summary>What a server may say.</summary>
internal static class Answers
{
    public const string Id = "vbx-1";

    public static VmView Vm(VmPhase phase = VmPhase.Queued) => new()
    {
        Id = Id,
        Phase = phase,
        Reason = "Waits for room.",
        Image = "debian-12",
        Repository = "acme/widgets",
        Labels = [Id, "gpu"],
        Host = "host-1",
        CreatedAt = TimeProvider.System.GetUtcNow(),
        ExpiresAt = TimeProvider.System.GetUtcNow().AddHours(2),
    };

    public static RequestDelegate Is(VmView vm, int status = 202) => async context =>
    {
        context.Response.StatusCode = status;
        await JsonSerializer.SerializeAsync(context.Response.Body, vm, WireJson.Default.VmView, context.RequestAborted);
    };

    public static RequestDelegate Are(params VmView[] vms) =>
        context => JsonSerializer.SerializeAsync(context.Response.Body, vms, WireJson.Default.VmViewArray, context.RequestAborted);

    public static RequestDelegate Problem(int status, string code, string detail, string remedy = "Do this.") => context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        var problem = new ProblemView { Title = "Refused", Status = status, Code = code, Detail = detail, Remedy = remedy };
        return JsonSerializer.SerializeAsync(context.Response.Body, problem, WireJson.Default.ProblemView, context.RequestAborted);
    };

    public static RequestDelegate Status(int status, string body = "") => context =>
    {
        context.Response.StatusCode = status;
        return body.Length > 0 ? context.Response.WriteAsync(body, context.RequestAborted) : Task.CompletedTask;
    };

    /// <summary>The events, then the end of the stream.</summary>
    public static RequestDelegate Events(params VmEvent[] changes) => context => WriteAsync(context, changes);

    /// <summary>The events, then nothing more, and the connection stays.</summary>
    public static RequestDelegate EventsThenSilence(params VmEvent[] changes) => async context =>
    {
        await WriteAsync(context, changes);
        await Never()(context);
    };

    /// <summary>The events, then, once they were read, a connection that is torn off.</summary>
    public static RequestDelegate EventsThenBreak(Task read, params VmEvent[] changes) => async context =>
    {
        await WriteAsync(context, changes);
        await read;
        context.Abort();
    };

    /// <summary>The head of an answer, and nothing else ever.</summary>
    public static RequestDelegate Silence() => async context =>
    {
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await Never()(context);
    };

    public static RequestDelegate Break() => context =>
    {
        context.Abort();
        return Task.CompletedTask;
    };

    public static RequestDelegate Never() => context =>
        Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);

    public static VmEvent Change(long sequence, VmPhase phase, string message = "It happened.", VmFailure? failure = null) =>
        new(sequence, Id, TimeProvider.System.GetUtcNow(), phase, message, failure);

    private static async Task WriteAsync(HttpContext context, VmEvent[] changes)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync(": hello\n\n", context.RequestAborted);
        foreach (var change in changes)
        {
            var data = JsonSerializer.Serialize(change, WireJson.Default.VmEvent);
            await context.Response.WriteAsync($"event: vm\nid: {change.Sequence}\ndata: {data}\n\n", context.RequestAborted);
        }

        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
