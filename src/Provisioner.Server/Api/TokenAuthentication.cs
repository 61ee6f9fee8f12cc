using Provisioner.Contracts;
using Provisioner.Server.Access;
using Provisioner.Server.Store;

namespace Provisioner.Server.Api;

/// <summary>Lets nobody past without an API token, and tells the endpoints who is calling.</summary>
internal sealed class TokenAuthentication(TokenTable tokens) : IEndpointFilter
{
    private const string Scheme = "Bearer ";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var header = context.HttpContext.Request.Headers.Authorization.ToString();
        var text = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : null;
        if (!ApiToken.TryParse(text, out var token) || tokens.Authenticate(token) is not { } record)
        {
            context.HttpContext.Response.Headers.WWWAuthenticate = "Bearer";
            return Problems.Of(
                ProblemCode.Unauthenticated,
                text is null ? "The request has no API token." : "The API token is unknown, expired or revoked.",
                "Send 'Authorization: Bearer vbdp_…' with a token made by 'virtualbox-server token create'.");
        }

        context.HttpContext.Features.Set(new Caller($"token:{record.Id} ({record.Name})", record.Grant));
        return await next(context);
    }
}
