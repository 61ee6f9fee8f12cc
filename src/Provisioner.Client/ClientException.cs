namespace Provisioner.Client;

/// <summary>Why the program cannot do what was asked: caught once, at the edge, and told to the person there.</summary>
internal sealed class ClientException(ExitCode exitCode, string title, string cause, string remedy) : Exception($"{cause} {remedy}")
{
    public ExitCode ExitCode => exitCode;

    public string Title => title;

    public string Cause => cause;

    public string Remedy => remedy;

    /// <summary>The same request may succeed in a moment.</summary>
    public bool Transient { get; init; }

    /// <summary>No byte of the request has left: there was no connection to send it on.</summary>
    public bool Unsent { get; init; }

    /// <summary>The server's code for it, where it answered with one.</summary>
    public string? Problem { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Last lines of the guest's console. Untrusted.</summary>
    public string? Console { get; init; }
}
