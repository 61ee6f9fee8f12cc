using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Provisioner.Contracts;
using Provisioner.Server.Access;
using Provisioner.Server.Audit;
using Provisioner.Server.Observability;
using Provisioner.Server.Store;

namespace Provisioner.Server.Api;

/// <summary>Lets nobody past without an API token or, where the configuration allows it, a workflow's token or a certificate, and tells the endpoints who is calling.</summary>
internal sealed class TokenAuthentication(
    TokenTable tokens, Refusals refusals, WorkflowAuthentication? workflows = null, CertificateAuthentication? certificates = null) : IEndpointFilter
{
    private const string Scheme = "Bearer ";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var (caller, refusal) = await AuthenticateAsync(context.HttpContext);
        Count(context.HttpContext, caller);
        if (caller is null)
        {
            context.HttpContext.Features.Get<Tls.OpenConnection>()?.Withdraw();
            return refusal;
        }

        context.HttpContext.Features.Set(caller);
        return await next(context);
    }

    private static void Count(HttpContext context, Caller? caller)
    {
        var header = context.Request.Headers.Authorization.ToString();
        var method = context.Connection.ClientCertificate is not null ? "certificate"
            : header.Length == 0 ? "none"
            : header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && ApiToken.TryParse(header[Scheme.Length..].Trim(), out _) ? "token" : "workflow";
        ServerMeter.SignIns.Add(1, new("method", method), new("outcome", caller is null ? "refused" : "ok"));
    }

    private async Task<(Caller? Caller, IResult? Refusal)> AuthenticateAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (certificates is not null && context.Connection.ClientCertificate is { } certificate)
        {
            return ByCertificate(context, certificate, header);
        }

        var text = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : null;
        if (ApiToken.TryParse(text, out var token))
        {
            return tokens.Authenticate(token) is { } record
                ? (new Caller($"token:{record.Id} ({record.Name})", record.Grant) { TokenId = record.Id }, null)
                : (null, Unauthenticated(context, text));
        }

        if (workflows is null || text is null)
        {
            return (null, Unauthenticated(context, text));
        }

        var changes = !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method);
        var (caller, denied, comeAgain) = await workflows.AuthenticateAsync(text, changes, context.RequestAborted);
        return (caller, caller is not null ? null : denied is not null ? Forbidden(denied) : comeAgain is { } pause ? Unverifiable(context, pause) : Unauthenticated(context, text));
    }

    /// <summary>With a token beside it, it would depend on us and not on the caller whose rights count: then neither does.</summary>
    private (Caller? Caller, IResult? Refusal) ByCertificate(HttpContext context, X509Certificate2 certificate, string header)
    {
        var (caller, denied) = certificates!.Authenticate(certificate);
        if (header.Length == 0 && (caller is not null || denied is not null))
        {
            return (caller, caller is null ? Forbidden(denied!) : null);
        }

        NoteRefusal(context, "a certificate");
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return (null, caller is not null || denied is not null
            ? Problems.Of(ProblemCode.Unauthenticated, "The request has a token, and its connection a certificate: whose rights are meant is not clear.", "Send one of them.")
            : Problems.Of(ProblemCode.Unauthenticated, "The certificate of this connection is not accepted any more.", "Connect with one that has neither expired nor been revoked ('cert-generator client' makes it). The server's log has the reason."));
    }

    /// <summary>One answer for all tokens that are not accepted: what is wrong with one stands in the log, and helps nobody who tries to make one.</summary>
    private IResult Unauthenticated(HttpContext context, string? text)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        if (text is not null)
        {
            NoteRefusal(context, ApiToken.TryParse(text, out _) ? "an API token" : "another token");
        }

        return workflows is null
            ? Problems.Of(
                ProblemCode.Unauthenticated,
                text is null ? "The request has no API token." : "The API token is unknown, expired or revoked.",
                "Send 'Authorization: Bearer vbdp_…' with a token made by 'virtualbox-server token create'.")
            : Problems.Of(
                ProblemCode.Unauthenticated,
                text is null ? "The request has no token." : "The token is not accepted.",
                $"Send an API token that is neither expired nor revoked; or, from a workflow with the permission 'id-token: write', a token of GitHub's for the audience '{workflows.Audience}' that is new and was not used before. The server's log has the reason.");
    }

    private void NoteRefusal(HttpContext context, string credential, string code = ProblemCode.Unauthenticated) => refusals.Note(
        new AuditEntry(Refusals.At(context.Connection.RemoteIpAddress), AuditAction.SignInRefused) { Outcome = code, Detail = credential });

    /// <summary>The token may be good: nobody can tell while its issuer's keys cannot be read. It is not used up.</summary>
    private IResult Unverifiable(HttpContext context, TimeSpan pause)
    {
        NoteRefusal(context, "a workflow's token, which could not be checked", ProblemCode.IssuerUnavailable);
        context.Response.Headers.RetryAfter = Math.Ceiling(pause.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return Problems.Of(
            ProblemCode.IssuerUnavailable,
            "The token cannot be checked: the server cannot read the keys of GitHub's issuer of tokens.",
            "Ask again after the seconds in Retry-After. The operator sees to it that the server can reach oidc.issuer; its log has the reason.");
    }

    private static IResult Forbidden(PolicyDecision decision) => Problems.Of(
        ProblemCode.Forbidden,
        decision.Rule.Length > 0 ? $"The policy denies it (rule {decision.Rule}): {decision.Reason}" : $"The policy denies it: {decision.Reason}",
        "Ask the operator of the server for a rule that allows this workflow, or this certificate.");
}
