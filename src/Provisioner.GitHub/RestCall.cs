namespace Provisioner.GitHub;

/// <summary>One call of GitHub's REST API, without its token.</summary>
internal sealed record RestCall(HttpMethod Method, string Path)
{
    public byte[]? Body { get; init; }

    /// <summary>Whether doing it twice is the same as doing it once.</summary>
    public required bool MayRepeat { get; init; }

    /// <summary>Whose calls of a minute it is counted among.</summary>
    public required string Account { get; init; }

    /// <summary>Whether it registers a runner: of those GitHub keeps a count of their own, and may refuse them alone.</summary>
    public bool Registers { get; init; }

    /// <summary>What GitHub refuses together, when a limit is reached.</summary>
    public string Budget => Registers ? $"{Account}:registration" : Account;

    /// <summary>Whether it can wait: while the account's calls run low it is not made, so that what must be done still can be.</summary>
    public bool Deferrable { get; init; }

    /// <summary>The version that we have: GitHub answers 304 where there is no newer one, and does not count the call.</summary>
    public string? KnownVersion { get; init; }

    /// <summary>What GitHub counts it as, within its limit of a minute.</summary>
    public int Points => Method == HttpMethod.Get ? 1 : 5;

    public override string ToString() => $"{Method} {Path}";
}
