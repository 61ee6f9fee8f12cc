using System.Net;

namespace Provisioner.GitHub;

/// <summary>Turns what GitHub answered (or did not) into an exception that names cause and remedy.</summary>
internal static class Refusal
{
    public static GitHubException Of(RestReply reply, RepositoryName repo) => reply.Status switch
    {
        HttpStatusCode.Unauthorized => new(
            GitHubFault.Unauthorized,
            $"GitHub did not accept the credential for {repo} ({reply.Said}): it is wrong, expired or revoked. Make a new one and configure it."),
        HttpStatusCode.Forbidden => new(
            GitHubFault.Forbidden,
            $"The credential may not manage the runners of {repo} ({reply.Said}). It needs the repository permission 'Administration: read and "
                + "write' (a classic token: 'repo'). A workflow's GITHUB_TOKEN can never have it: use a GitHub App or a personal access token."),
        HttpStatusCode.NotFound => new(
            GitHubFault.NotFound,
            $"GitHub shows no repository {repo} to this credential ({reply.Said}). Check the name, and that the App is installed there or the "
                + "token may see it."),
        HttpStatusCode.Conflict => new(GitHubFault.NameTaken, $"A runner of that name exists in {repo} already ({reply.Said}). Use another name."),
        >= HttpStatusCode.Moved and < HttpStatusCode.BadRequest => new(
            GitHubFault.NotFound,
            $"GitHub sent us elsewhere for {repo} ({reply.Said}): the repository was renamed or moved. Use its present name."),
        _ => Of(reply),
    };

    public static GitHubException Of(RestReply reply) => (int)reply.Status >= 500
        ? new(GitHubFault.ServerError, $"GitHub failed at {reply.Call} ({reply.Said}). Try again later; see https://www.githubstatus.com.")
        : new(GitHubFault.Invalid, $"GitHub refused {reply.Call} ({reply.Said}).");

    public static GitHubException RateLimited(RestCall call, TimeSpan wait, string said) => new(
        GitHubFault.RateLimited,
        $"GitHub limits our calls: {call} waits for {Math.Ceiling(wait.TotalSeconds):0} s ({said}). A GitHub App has higher limits than a token.",
        wait);

    public static GitHubException Unreachable(RestCall call, Uri rest, HttpRequestException e) => new(
        GitHubFault.Unreachable,
        $"GitHub could not be reached at {rest} for {call}: {e.HttpRequestError} ({e.Message}). Check network, name resolution, proxy "
            + "(HTTPS_PROXY) and certificates of this machine.",
        inner: e);

    /// <summary>Whether no connection was made, so that GitHub cannot have done what it was asked.</summary>
    public static bool SurelyNotSent(GitHubException e) => e.InnerException is HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
    };

    public static GitHubException NoAnswer(RestCall call, Uri rest, TimeSpan timeout, Exception e) => new(
        GitHubFault.Unreachable,
        $"GitHub at {rest} did not answer {call} within {timeout.TotalSeconds:0} s. Check network and proxy (HTTPS_PROXY) of this machine.",
        inner: e);
}
