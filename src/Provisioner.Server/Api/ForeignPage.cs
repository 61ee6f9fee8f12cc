using Provisioner.Contracts;

namespace Provisioner.Server.Api;

/// <summary>
/// A browser may hold a certificate that opens the API's door, and sends it whichever page asks. A page of another site can send a body without a type, or none,
/// without the browser asking first: so what changes something is refused when the browser says that it comes from elsewhere.
/// </summary>
internal static class ForeignPage
{
    public static ValueTask<object?> RefuseAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        !HttpMethods.IsGet(context.HttpContext.Request.Method) && IsOfAnotherPage(context.HttpContext.Request)
            ? ValueTask.FromResult<object?>(Problems.Of(ProblemCode.Forbidden, "Another site's page has sent this request.", "Send it with virtualbox-client, or with a program of your own."))
            : next(context);

    private static bool IsOfAnotherPage(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin" or "none")
        || (request.Headers.Origin.ToString() is { Length: > 0 } origin && origin != $"https://{request.Host}");
}
