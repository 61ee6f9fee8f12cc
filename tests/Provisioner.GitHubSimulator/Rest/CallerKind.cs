namespace Provisioner.GitHubSimulator.Rest;

internal enum CallerKind
{
    /// <summary>May manage runners.</summary>
    Administrator,

    /// <summary>A workflow's GITHUB_TOKEN, or an installation token without the permission.</summary>
    Limited,

    /// <summary>An installation token that may read workflow runs, and no more.</summary>
    RunReader,

    /// <summary>An App that proves who it is with a JWT: may look up installations and get tokens, nothing else.</summary>
    App,
}
