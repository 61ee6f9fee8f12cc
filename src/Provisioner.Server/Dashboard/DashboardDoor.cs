using Provisioner.Server.Access;
using Provisioner.Server.Audit;
using Provisioner.Server.Observability;
using Provisioner.Server.Store;

namespace Provisioner.Server.Dashboard;

/// <summary>Lets nobody see the dashboard but those who may see the whole host; operators alone act on it (<see cref="VmPage"/>).</summary>
internal sealed class DashboardDoor(DashboardSessions sessions, TokenTable tokens, Refusals refusals, CertificateAuthentication? certificates) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var changes = !HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method);
        if (Find(http) is not { } caller)
        {
            http.Features.Get<Tls.OpenConnection>()?.Withdraw();
            return changes ? LoginPage.Of("Your session is over. Sign in, and do it again.", StatusCodes.Status401Unauthorized) : Results.Redirect("/login");
        }

        if (caller.Grant.Limits.Role is null)
        {
            return LoginPage.NoRole(caller);
        }

        if (changes && !IsFromHere(http))
        {
            return LoginPage.NotFromHere;
        }

        http.Features.Get<Tls.OpenConnection>()?.Admit();
        http.Features.Set(caller);
        return await next(context);
    }

    /// <summary>Why the certificate that a browser shows lets nobody in; null if it does, or if there is none.</summary>
    public string? FindProblem(HttpContext context)
    {
        if (certificates is null || context.Connection.ClientCertificate is not { } certificate)
        {
            return null;
        }

        var (caller, refusal) = certificates.Authenticate(certificate);
        return caller is { Grant.Limits.Role: not null } ? null
            : caller is not null ? LoginPage.NoRoleOf(caller)
            : refusal is not null ? $"The certificate that your browser shows lets nobody in. {refusal.Reason}"
            : "The certificate that your browser shows counts no more: it has expired or was revoked. Close the browser to choose another one, or sign in by a token.";
    }

    /// <summary>The caller whom an API token stands for; null, and noted, if it stands for nobody.</summary>
    public Caller? SignIn(HttpContext context, ApiToken token)
    {
        var caller = Of(token);
        ServerMeter.SignIns.Add(1, new("method", "dashboard"), new("outcome", caller is null ? "refused" : "ok"));
        if (caller is not null)
        {
            return caller;
        }

        refusals.Note(new AuditEntry(Refusals.At(context.Connection.RemoteIpAddress), AuditAction.SignInRefused) { Outcome = "unauthenticated", Detail = "an API token, at the dashboard" });
        return null;
    }

    /// <summary>Whether a browser says that a page of this server sent it. Every browser of today does; what is silent is no browser that was led here by another's page.</summary>
    public static bool IsFromHere(HttpContext context)
    {
        var (origin, site) = (context.Request.Headers.Origin.ToString(), context.Request.Headers["Sec-Fetch-Site"].ToString());
        return site.Length > 0 ? site is "same-origin" : origin == $"https://{context.Request.Host}";
    }

    private Caller? Find(HttpContext context)
    {
        // Who has signed in wants that, whatever his browser shows besides.
        if (sessions.Find(context.Request.Cookies[DashboardSessions.Cookie]) is { } token)
        {
            return Of(token);
        }

        return certificates is not null && context.Connection.ClientCertificate is { } certificate ? certificates.Authenticate(certificate).Caller : null;
    }

    private Caller? Of(ApiToken token) =>
        tokens.Authenticate(token) is { } record ? new Caller($"token:{record.Id} ({record.Name})", record.Grant) { TokenId = record.Id } : null;
}
