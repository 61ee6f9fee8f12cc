namespace Provisioner.GitHubSimulator.Faults;

/// <summary>What shall go wrong with the next calls that match. Without Drop, LoseReply, Truncate or Status a call is only delayed, and its answer gets the headers.</summary>
internal sealed record Fault
{
    /// <summary>Regular expression over the method; none: every method.</summary>
    public string? Method { get; init; }

    /// <summary>Regular expression over path and query, without `/api/v3`; none: every path.</summary>
    public string? Path { get; init; }

    public int Times { get; init; } = 1;

    /// <summary>Instead of a number of times: every matching call for so long from now, by the simulator's clock.</summary>
    public double? ForSeconds { get; init; }

    /// <summary>The status to answer instead of doing what was asked.</summary>
    public int? Status { get; init; }

    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    public string? Body { get; init; }

    public double DelaySeconds { get; init; }

    /// <summary>Close the connection without doing what was asked.</summary>
    public bool Drop { get; init; }

    /// <summary>Do what was asked, but send only the first half of the answer's body, as if it were whole.</summary>
    public bool Truncate { get; init; }

    /// <summary>Do what was asked, then close the connection instead of answering.</summary>
    public bool LoseReply { get; init; }
}
