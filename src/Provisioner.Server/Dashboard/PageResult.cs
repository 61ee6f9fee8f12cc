using System.IO.Compression;
using System.Text;
using Provisioner.Server.Access;

namespace Provisioner.Server.Dashboard;

/// <summary>A whole page. Its head, navigation and frame are the same for all, but for who is signed in.</summary>
internal sealed class PageResult(string title, Html body, int status = 200, bool isLive = false, bool hasNavigation = true) : IResult
{
    /// <summary>What somebody asked for was not done, and why.</summary>
    public static PageResult NotDone(int status, string problem) =>
        new("Not done", Html.Of($"<h1>Not done</h1><p role=\"alert\" class=\"bad\">{problem}</p><p><a href=\"/\">Back to the host</a></p>"), status);

    public async Task ExecuteAsync(HttpContext context)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        var bytes = Encoding.UTF8.GetBytes(Page(context.Features.Get<Caller>()).Text);
        if (!context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase))
        {
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
            return;
        }

        // Nothing secret stands in a page, so that its length gives nothing away.
        context.Response.Headers.ContentEncoding = "gzip";
        await using var packed = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
        await packed.WriteAsync(bytes, context.RequestAborted);
    }

    private Html Page(Caller? caller) => Html.Of(
        $"""
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
        <title>{title}</title><link rel="stylesheet" href="/ui/style.css">{(isLive ? Html.Of($"<script src=\"/ui/live.js\" defer></script>") : Html.Empty)}</head>
        <body><a class="skip" href="#main">Skip to content</a>{(hasNavigation ? Navigation(caller) : Html.Empty)}<main id="main">{body}</main></body></html>
        """);

    private static Html Navigation(Caller? caller) => Html.Of(
        $"""
        <header><nav aria-label="Pages"><a href="/">Host</a> <a href="/policy">Policy</a> <a href="/audit">Audit</a></nav>
        {(caller is null ? Html.Empty : Html.Of($"<p class=\"who\">{caller.Name}, {caller.Grant.Limits.Role?.ToString().ToLowerInvariant()}</p>"))}
        {(caller?.Certificate is null ? SignOut : Html.Empty)}</header>
        """);

    // A certificate is shown again by the browser whatever a page does: there is no session to end.
    private static Html SignOut { get; } = Html.Of($"<form method=\"post\" action=\"/logout\"><button>Sign out</button></form>");
}
