using Provisioner.Contracts;
using Provisioner.Server.Access;
using Provisioner.Server.Audit;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;

namespace Provisioner.Server.Api;

/// <summary>
/// <c>GET /create/{id}/{owner}/{repo}/{image}</c> and <c>GET /delete/{id}</c>, the calls of the Go version. Each takes its whole path
/// and all methods, because the answers to what that server did not know belong to its format.
/// </summary>
internal static class LegacyEndpoints
{
    public static void MapLegacy(this WebApplication app)
    {
        if (app.Services.GetRequiredService<ServerOptions>().Legacy.Enabled)
        {
            app.Map("/create/{**path}", (RequestDelegate)CreateAsync).ExcludeFromDescription();
            app.Map("/delete/{**path}", (RequestDelegate)DeleteAsync).ExcludeFromDescription();
        }
    }

    private static Task CreateAsync(HttpContext context) => Segments(context, "create") switch
    {
        [{ Length: > 0 }, { Length: > 0 }, { Length: > 0 }, ""] => LegacyAnswers.RedirectAsync(context),
        [{ Length: > 0 } id, { Length: > 0 } owner, { Length: > 0 } name, { Length: > 0 } image] =>
            AnswerAsync(context, (vms, caller) => vms.CreateAsync(new LegacyRequest(id, owner, name, image), caller, context.RequestAborted)),
        [_, _, _, _] => LegacyAnswers.FailAsync(context, LegacyAnswers.NoId),
        _ => LegacyAnswers.KnowNothingAsync(context),
    };

    private static Task DeleteAsync(HttpContext context) => Segments(context, "delete") switch
    {
        [{ Length: > 0 } id] => AnswerAsync(context, (vms, caller) => vms.DeleteAsync(id, caller, context.RequestAborted)),
        _ => LegacyAnswers.KnowNothingAsync(context),
    };

    private static async Task AnswerAsync(HttpContext context, Func<LegacyVms, Caller, Task<string?>> call)
    {
        if (context.RequestServices.GetRequiredService<LegacyCallers>().At(context.Connection.RemoteIpAddress) is not { } caller)
        {
            context.RequestServices.GetRequiredService<Refusals>().Note(
                new AuditEntry(Refusals.At(context.Connection.RemoteIpAddress), AuditAction.SignInRefused) { Outcome = ProblemCode.Unauthenticated, Detail = "not in legacy.networks" });
            await LegacyAnswers.FailAsync(context, "This server does not take calls without a credential from your address. Its operator can add your network to legacy.networks; or use the present action, with a token.");
            return;
        }

        context.Features.Get<Tls.OpenConnection>()?.Admit();
        string? problem;
        try
        {
            problem = await call(context.RequestServices.GetRequiredService<LegacyVms>(), caller);
        }
        catch (StoreException fault)
        {
            problem = $"{StoreFaults.Tell(context, fault)} Run the step again in some seconds; see the server's log if that does not help.";
        }

        await (problem is null ? LegacyAnswers.SucceedAsync(context) : LegacyAnswers.FailAsync(context, problem));
    }

    /// <summary>What stands behind the call's own word; empty where it is not that call. An escaped slash was one more level to that server, which fitted no call.</summary>
    private static string[] Segments(HttpContext context, string word) =>
        HttpMethods.IsGet(context.Request.Method)
        && context.Request.Path.Value is { } path
        && !path.Contains("%2F", StringComparison.OrdinalIgnoreCase)
        && path.Split('/') is ["", var first, .. var rest] && first == word
            ? rest : [];
}
