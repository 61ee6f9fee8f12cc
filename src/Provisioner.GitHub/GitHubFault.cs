namespace Provisioner.GitHub;

/// <summary>Why GitHub did not do what it was asked.</summary>
public enum GitHubFault
{
    /// <summary>No answer: no connection, no name, no time left, or an answer that was lost.</summary>
    Unreachable,

    /// <summary>The credential is wrong, expired or revoked.</summary>
    Unauthorized,

    /// <summary>The credential is known, but may not do this.</summary>
    Forbidden,

    /// <summary>No such repository, or one that the credential cannot see.</summary>
    NotFound,

    /// <summary>Another runner has the name.</summary>
    NameTaken,

    /// <summary>GitHub refused the content of the request.</summary>
    Invalid,

    /// <summary>Too many calls: the exception says when to come back.</summary>
    RateLimited,

    /// <summary>GitHub failed, or answered something that cannot be understood.</summary>
    ServerError,
}
