using Microsoft.AspNetCore.Http.Features;

namespace Provisioner.GitHubSimulator.Faults;

/// <summary>Lets go wrong what was asked to go wrong.</summary>
internal static class FaultMiddleware
{
    public static void UseFaults(this WebApplication app) => app.Use(async (context, next) =>
    {
        var faults = context.RequestServices.GetRequiredService<FaultList>();
        var request = context.Request;
        if (request.Path.StartsWithSegments("/_simulator")
            || faults.Take(request.Method, request.Path.Value + request.QueryString.Value) is not { } fault)
        {
            await next(context);
            return;
        }
        if (fault.DelaySeconds > 0)
        {
            var time = context.RequestServices.GetRequiredService<TimeProvider>();
            var delay = Task.Delay(TimeSpan.FromSeconds(fault.DelaySeconds), time, context.RequestAborted);
            faults.Delaying?.Invoke();
            await delay;
        }
        await HappenAsync(fault, context, next);
    });

    private static async Task HappenAsync(Fault fault, HttpContext context, RequestDelegate next)
    {
        if (fault.Truncate)
        {
            await CutAsync(context, next);
            return;
        }
        if (fault.LoseReply)
        {
            context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
            await next(context);
        }
        if (fault.Drop || fault.LoseReply)
        {
            context.Abort();
        }
        else if (fault.Status is { } status)
        {
            await AnswerAsync(fault, status, context);
        }
        else
        {
            AddHeaders(fault, context);
            await next(context);
        }
    }

    private static async Task CutAsync(HttpContext context, RequestDelegate next)
    {
        var answer = context.Features.Get<IHttpResponseBodyFeature>()!;
        using var whole = new MemoryStream();
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(whole));
        await next(context);
        context.Features.Set(answer);
        if (whole.Length == 0)
        {
            return; // nothing to cut, as in a 204
        }
        context.Response.ContentLength = whole.Length / 2;
        await context.Response.Body.WriteAsync(whole.GetBuffer().AsMemory(0, (int)(whole.Length / 2)), context.RequestAborted);
    }

    private static void AddHeaders(Fault fault, HttpContext context)
    {
        foreach (var (name, value) in fault.Headers ?? new Dictionary<string, string>())
        {
            context.Response.Headers[name] = value;
        }
    }

    private static async Task AnswerAsync(Fault fault, int status, HttpContext context)
    {
        context.Response.StatusCode = status;
        AddHeaders(fault, context);
        if (fault.Body is { } body)
        {
            context.Response.ContentType = "application/json; charset=utf-8";
            await context.Response.WriteAsync(body, context.RequestAborted);
        }
    }
}
