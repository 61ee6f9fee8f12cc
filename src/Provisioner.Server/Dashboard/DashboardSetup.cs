using System.Reflection;
using Provisioner.Server.Access;
using Provisioner.Server.Audit;
using Provisioner.Server.Store;

namespace Provisioner.Server.Dashboard;

/// <summary>The pages for people at <c>/</c>: made on the server, readable without a script, closed to everything that is not of this server.</summary>
internal static class DashboardSetup
{
    private const string Policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static void AddDashboard(this IServiceCollection services)
    {
        services.AddSingleton<DashboardSessions>();
        services.AddSingleton<OverviewPage>();
        services.AddSingleton<VmPage>();
        services.AddSingleton<HostActions>();
        services.AddSingleton(parts => new DashboardDoor(
            parts.GetRequiredService<DashboardSessions>(), parts.GetRequiredService<TokenTable>(), parts.GetRequiredService<Refusals>(), parts.GetService<CertificateAuthentication>()));
    }

    public static void MapDashboard(this WebApplication app)
    {
        var all = app.MapGroup("").ExcludeFromDescription().AddEndpointFilter(CloseAsync);
        all.MapGet("/login", (HttpContext context, DashboardDoor door) => LoginPage.Of(door.FindProblem(context)));
        all.MapPost("/login", SignInAsync);
        all.MapGet("/ui/style.css", () => Asset("style.css", "text/css; charset=utf-8"));
        all.MapGet("/ui/live.js", () => Asset("live.js", "text/javascript; charset=utf-8"));

        var pages = all.MapGroup("").AddEndpointFilter(app.Services.GetRequiredService<DashboardDoor>());
        pages.MapGet("/", (HttpContext context, OverviewPage page) => page.ShowAsync(context));
        pages.MapGet("/vms/{id}", (string id, HttpContext context, VmPage page) => page.Show(id, context));
        pages.MapPost("/vms/{id}/delete", (string id, HttpContext context, VmPage page) => page.Delete(id, context));
        pages.MapPost("/vms/{id}/extend", (string id, HttpContext context, VmPage page) => page.ExtendAsync(id, context));
        pages.MapPost("/hosts/{name}/drain", (string name, HttpContext context, HostActions actions) => actions.Drain(name, context));
        pages.MapPost("/hosts/{name}/resume", (string name, HttpContext context, HostActions actions) => actions.Resume(name, context));
        pages.MapGet("/policy", () => PolicyPage.Of());
        pages.MapPost("/policy", (HttpContext context, AccessPolicy policy) => PolicyPage.TestAsync(context, policy));
        pages.MapGet("/audit", (AuditTable audit) => AuditPage.Of(audit));
        pages.MapPost("/logout", SignOut);
    }

    private static async ValueTask<object?> CloseAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var headers = context.HttpContext.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        return await next(context);
    }

    private static async Task<IResult> SignInAsync(HttpContext context, DashboardDoor door, DashboardSessions sessions)
    {
        if (!DashboardDoor.IsFromHere(context))
        {
            return LoginPage.NotFromHere;
        }

        var text = context.Request.HasFormContentType ? (await context.Request.ReadFormAsync(context.RequestAborted))["token"].ToString() : "";
        if (!ApiToken.TryParse(text.Trim(), out var token) || door.SignIn(context, token) is not { } caller)
        {
            return LoginPage.Of("The token is unknown, expired or revoked.", StatusCodes.Status401Unauthorized);
        }

        if (caller.Grant.Limits.Role is null)
        {
            return LoginPage.NoRole(caller);
        }

        context.Response.Cookies.Append(DashboardSessions.Cookie, sessions.Open(token), new CookieOptions
        {
            HttpOnly = true, Secure = true, SameSite = SameSiteMode.Strict, Path = "/", MaxAge = DashboardSessions.Life,
        });
        return Results.LocalRedirect("/");
    }

    private static IResult SignOut(HttpContext context, DashboardSessions sessions)
    {
        sessions.Close(context.Request.Cookies[DashboardSessions.Cookie]);
        context.Response.Cookies.Delete(DashboardSessions.Cookie, new CookieOptions { Secure = true, Path = "/" });
        return Results.LocalRedirect("/login");
    }

    private static IResult Asset(string name, string type) => Results.Stream(Assembly.GetExecutingAssembly().GetManifestResourceStream($"ui/{name}")!, type);
}
