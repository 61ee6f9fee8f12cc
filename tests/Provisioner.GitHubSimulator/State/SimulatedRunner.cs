namespace Provisioner.GitHubSimulator.State;

/// <summary>A registration and what became of it. A new value replaces the old one, so that readers need no lock.</summary>
internal sealed record SimulatedRunner
{
    // A runner polls without a pause; one that has not for a minute is not there any more.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    public required long Id { get; init; }

    public required string Repository { get; init; }

    public required string Name { get; init; }

    public required IReadOnlyList<string> Labels { get; init; }

    public required Guid ClientId { get; init; }

    /// <summary>Subject public key info, for the runner's client assertions.</summary>
    public required byte[] PublicKey { get; init; }

    public bool Ephemeral { get; init; } = true;

    public Guid? Session { get; init; }

    public string? Version { get; init; }

    public string Os { get; init; } = "unknown";

    public int OpenPolls { get; init; }

    public DateTimeOffset LastSeen { get; init; }

    public long? JobId { get; init; }

    /// <summary>Its one job is done, or it was removed: no longer listed, but its last calls are still understood.</summary>
    public bool Gone { get; init; }

    public bool Finished { get; init; }

    public bool Busy => JobId is not null;

    public bool IsOnline(DateTimeOffset now) => Session is not null && !Gone && (OpenPolls > 0 || Busy || now - LastSeen < Silence);

    public bool Has(IReadOnlyList<string> wanted) => wanted.All(label => Labels.Contains(label, StringComparer.OrdinalIgnoreCase));
}
