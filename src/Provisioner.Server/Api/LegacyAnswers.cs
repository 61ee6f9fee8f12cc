using System.Text;
using System.Text.Json;

namespace Provisioner.Server.Api;

/// <summary>The answers of the Go version, byte for byte. It knew four.</summary>
internal static class LegacyAnswers
{
    public const string NoId = "No VM ID present in the api URL params";
    public const string NoMachine = "machine does not exist";

    public static Task SucceedAsync(HttpContext context) => WriteAsync(context, 200, "text/plain; charset=utf-8", "Success"u8.ToArray());

    /// <summary>All failures are the client's in that format, also those of the server.</summary>
    public static Task FailAsync(HttpContext context, string message) => WriteAsync(
        context, 400, "application/json; charset=utf-8", JsonSerializer.SerializeToUtf8Bytes(new LegacyError(message), LegacyJson.Default.LegacyError));

    public static Task KnowNothingAsync(HttpContext context) => WriteAsync(context, 404, "text/plain", "404 page not found"u8.ToArray());

    /// <summary>What it did with a path that ends in a slash, such as that of a client without an image.</summary>
    public static Task RedirectAsync(HttpContext context)
    {
        var target = context.Request.Path.ToUriComponent().TrimEnd('/');
        context.Response.Headers.Location = target;
        var page = $"<a href=\"{System.Net.WebUtility.HtmlEncode(target)}\">Moved Permanently</a>.\n\n";
        return WriteAsync(context, 301, "text/html; charset=utf-8", Encoding.UTF8.GetBytes(page));
    }

    private static Task WriteAsync(HttpContext context, int status, string contentType, byte[] body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
