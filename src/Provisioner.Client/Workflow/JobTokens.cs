using Provisioner.Client.Api;

namespace Provisioner.Client.Workflow;

/// <summary>Whether this job may ask GitHub for identity tokens: it may where the runner has said where, and with which token of its own.</summary>
internal sealed class JobTokens(IReadOnlyDictionary<string, string> environment, Action<string> mask, TimeProvider time)
{
    private const string Address = "ACTIONS_ID_TOKEN_REQUEST_URL";
    /// <summary>The variable of the token by which the job asks for others; a secret.</summary>
    public const string Bearer = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

    /// <summary>Null where the job may not.</summary>
    public Credential? For(string audience) =>
        Uri.TryCreate(environment.GetValueOrDefault(Address), UriKind.Absolute, out var source)
        && (source.Scheme == Uri.UriSchemeHttps || (source.Scheme == Uri.UriSchemeHttp && source.IsLoopback))
        && environment.GetValueOrDefault(Bearer) is { Length: > 0 } bearer && bearer.All(c => c is > ' ' and < '\x7f')
            ? new IdToken(source, bearer, audience, mask, time)
            : null;

    /// <summary>Why the job may not, and what to write so that it may.</summary>
    public (string Cause, string Remedy) WhyNone() => PullRequest.ForkOf(environment) is { } fork
        ? ($"There is no api-token, and this run is for a pull request from a fork ({fork}): GitHub gives those neither secrets nor an identity token.",
            "Run this job on push or workflow_dispatch instead. Do not take pull_request_target: it would run foreign code on your hardware.")
        : ("There is no api-token, and this job may not ask GitHub for an identity token (ACTIONS_ID_TOKEN_REQUEST_URL is not set).",
            "Write 'permissions: { id-token: write }' into the job, and into the job that calls it if it is in a reusable workflow; the server needs oidc.audience. Or make an API token on the server (virtualbox-server token create), store it as a secret and write api-token: ${{ secrets.VBDP_TOKEN }}.");
}
