using System.Text.Json;
using Provisioner.Contracts;

namespace Provisioner.Server.Api;

/// <summary>All error answers are made here: RFC 9457, with a stable code, one sentence of cause and one of remedy.</summary>
internal static class Problems
{
    public const string ContentType = "application/problem+json";

    public static IResult Of(string code, string cause, string remedy, IReadOnlyDictionary<string, string[]>? errors = null) =>
        TypedResults.Json(View(code, cause, remedy, errors), WireJson.Default.ProblemView, ContentType, Status(code));

    public static IResult Of(VmFailure failure) => Of(failure.Code, failure.Cause, failure.Remedy);

    public static Task WriteAsync(HttpContext context, string code, string cause, string remedy)
    {
        context.Response.StatusCode = Status(code);
        context.Response.ContentType = ContentType;
        return JsonSerializer.SerializeAsync(
            context.Response.Body, View(code, cause, remedy, null), WireJson.Default.ProblemView, context.RequestAborted);
    }

    /// <summary>The one table from code to status.</summary>
    public static int Status(string code) => code switch
    {
        ProblemCode.InvalidRequest => 400,
        ProblemCode.Unauthenticated => 401,
        ProblemCode.Forbidden or ProblemCode.ExceedsGrant => 403,
        ProblemCode.NotFound or ProblemCode.UnknownImage or ProblemCode.UnknownHardware => 404,
        ProblemCode.MethodNotAllowed => 405,
        ProblemCode.IdInUse or ProblemCode.AlreadyGone or ProblemCode.NoConsole => 409,
        ProblemCode.TooLarge => 413,
        ProblemCode.UnsupportedMediaType => 415,
        ProblemCode.NeverFits => 422,
        ProblemCode.TooManyRequests or ProblemCode.QueueFull or ProblemCode.RuleUsedUp => 429,
        ProblemCode.ServerFault => 500,
        _ => 503,
    };

    public static ProblemView View(string code, string cause, string remedy, IReadOnlyDictionary<string, string[]>? errors = null) => new()
    {
        Type = $"urn:virtualbox-provisioner:problem:{code}",
        Title = Title(code),
        Status = Status(code),
        Detail = cause,
        Code = code,
        Remedy = remedy,
        Errors = errors,
    };

    private static string Title(string code) => string.Concat(code[..1].ToUpperInvariant(), code[1..].Replace('-', ' '));
}
