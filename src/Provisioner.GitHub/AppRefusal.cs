using System.Net;

namespace Provisioner.GitHub;

/// <summary>Says why GitHub gave an App no token, and what to do about it.</summary>
internal static class AppRefusal
{
    public static GitHubException From(RestReply reply, RepositoryName repo, string issuer) => reply.Status switch
    {
        HttpStatusCode.Unauthorized => new(
            GitHubFault.Unauthorized,
            $"GitHub did not accept the key of App '{issuer}' ({reply.Said}). Check that the App's client id and private key belong together, "
                + "that the key was not revoked, and that the clock of this machine is right."),
        HttpStatusCode.NotFound => new(
            GitHubFault.NotFound,
            $"GitHub App '{issuer}' is not installed for {repo} ({reply.Said}). Install it there, with the repository selected."),
        HttpStatusCode.UnprocessableEntity => new(
            GitHubFault.Forbidden,
            $"GitHub App '{issuer}' may not manage the runners of {repo} ({reply.Said}). Give the App the repository permission "
                + "'Administration: read and write', and let the owner accept the change."),
        HttpStatusCode.Forbidden => new(
            GitHubFault.Forbidden,
            $"GitHub refused App '{issuer}' for {repo} ({reply.Said}). Check that the installation is not suspended and has the "
                + "repository permission 'Administration: read and write'."),
        _ => Refusal.Of(reply),
    };
}
