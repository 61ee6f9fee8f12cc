namespace Provisioner.Server.Audit;

/// <summary>What is to be written into the audit log.</summary>
/// <param name="Actor">Who did it: <c>token:…</c>, <c>workflow:…</c>, <c>legacy:…</c>, <c>address:…</c>, <c>operator:…</c>, <c>server:…</c>.</param>
/// <param name="Action">What was done.</param>
internal sealed record AuditEntry(string Actor, AuditAction Action)
{
    public const string Done = "done";

    /// <summary>To what: a VM, a token, a file.</summary>
    public string Target { get; init; } = "";

    public string Repository { get; init; } = "";

    /// <summary>The workflow run that it was for.</summary>
    public long? Run { get; init; }

    /// <summary><c>done</c>, or the code of the problem.</summary>
    public string Outcome { get; init; } = Done;

    /// <summary>In words; never a secret.</summary>
    public string Detail { get; init; } = "";

    /// <summary>How often, where refusals were counted.</summary>
    public long Count { get; init; } = 1;
}
