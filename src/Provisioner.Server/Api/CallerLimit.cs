using System.Globalization;
using Provisioner.Contracts;

namespace Provisioner.Server.Api;

/// <summary>Behind <see cref="TokenAuthentication"/>: a caller that is let in may ask so often and no more, from however many addresses.</summary>
internal sealed class CallerLimit(CallerBuckets buckets) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        http.Features.Get<Tls.OpenConnection>()?.Admit();
        if (buckets.Take(http.Caller.Name) is not { } wait)
        {
            return await next(context);
        }

        http.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return Problems.Of(ProblemCode.TooManyRequests, "Too many requests came from this caller.", "Wait for the seconds in Retry-After.");
    }
}
