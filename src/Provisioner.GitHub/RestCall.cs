namespace Provisioner.GitHub;

/// <summary>One call of GitHub's REST API, without its token.</summary>
internal sealed record RestCall(HttpMethod Method, string Path)
{
    public byte[]? Body { get; init; }

    /// <summary>Whether doing it twice is the same as doing it once.</summary>
    public required bool MayRepeat { get; init; }

    /// <summary>Whose rate limit it uses up.</summary>
    public required string Budget { get; init; }

    public override string ToString() => $"{Method} {Path}";
}
