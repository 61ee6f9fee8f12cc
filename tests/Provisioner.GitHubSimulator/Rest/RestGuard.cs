namespace Provisioner.GitHubSimulator.Rest;

/// <summary>What GitHub checks before a REST call is looked at: user agent, token, repository, permission.</summary>
internal static class RestGuard
{
    /// <param name="group">Paths below a repository.</param>
    /// <param name="also">Who may call besides an administrator.</param>
    public static RouteGroupBuilder ForRepository(this RouteGroupBuilder group, CallerKind also = CallerKind.Administrator) => group.Guarded((context, caller) =>
    {
        var (owner, name) = ($"{context.GetRouteValue("owner")}", $"{context.GetRouteValue("repo")}");
        var options = context.RequestServices.GetRequiredService<SimulatorOptions>();
        return caller switch
        {
            { Kind: CallerKind.App } => Answer.Error(401, "Bad credentials"),
            _ when !options.Exists($"{owner}/{name}") || !caller.MaySee(owner, name) => Answer.Error(404, "Not Found"),
            _ when caller.Kind != CallerKind.Administrator && caller.Kind != also => Answer.Error(403, "Resource not accessible by integration"),
            _ => null,
        };
    });

    public static RouteGroupBuilder ForApp(this RouteGroupBuilder group) => group.Guarded(static (_, caller) =>
        caller.Kind == CallerKind.App ? null : Answer.Error(401, "A JSON web token could not be decoded"));

    private static RouteGroupBuilder Guarded(this RouteGroupBuilder group, Func<HttpContext, Caller, IResult?> refuse) =>
        group.AddEndpointFilter(async (call, next) =>
        {
            var context = call.HttpContext;
            if (context.Request.Headers.UserAgent.Count == 0)
            {
                return Answer.Error(403, "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.");
            }
            var authorization = context.Request.Headers.Authorization.ToString();
            if (authorization.Length == 0)
            {
                return Answer.Error(401, "Requires authentication");
            }
            var callers = context.RequestServices.GetRequiredService<Callers>();
            return await callers.IdentifyAsync(authorization) is not { } caller
                ? Answer.Error(401, "Bad credentials")
                : refuse(context, caller) ?? await next(call);
        });
}
