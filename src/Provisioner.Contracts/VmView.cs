namespace Provisioner.Contracts;

/// <summary>A VM as its owner sees it.</summary>
public sealed record VmView
{
    /// <summary>Id of the VM, and name of the runner.</summary>
    public required string Id { get; init; }

    public required VmPhase Phase { get; init; }

    /// <summary>Why the VM is in this phase, in words.</summary>
    public required string Reason { get; init; }

    /// <summary>What it waits for, since when, until when, and what troubles it, in a sentence or two.</summary>
    public string? Explanation { get; init; }

    /// <summary>Its position in the queue, while it waits there; 1 is the next.</summary>
    public int? Position { get; init; }

    /// <summary>What room it waits for, in words, while it waits in the queue.</summary>
    public string? Lack { get; init; }

    /// <summary>What would give it that room.</summary>
    public string? Relief { get; init; }

    /// <summary>When the server acts by itself next; null where it does so as soon as it can.</summary>
    public VmDeadline? Deadline { get; init; }

    public required string Image { get; init; }

    /// <summary><c>owner/name</c>.</summary>
    public required string Repository { get; init; }

    /// <summary>All labels of the runner; the first is the one that only this VM has, for <c>runs-on</c>.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Virtual CPUs that were asked for; null where none were.</summary>
    public int? Cpus { get; init; }

    /// <summary>The same for memory, in MiB.</summary>
    public int? Memory { get; init; }

    /// <summary>The same for the size of the disk, in MiB.</summary>
    public int? Disk { get; init; }

    /// <summary>Name of its hardware profile; null for none.</summary>
    public string? Hardware { get; init; }

    /// <summary>Name of the host that runs it.</summary>
    public required string Host { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The name of its machine on that host, where that is not the VM's id: it took over a warm VM.</summary>
    public string? Machine { get; init; }

    /// <summary>When the server will remove the VM at the latest.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>GitHub's id of the registration, once there is one.</summary>
    public long? RunnerId { get; init; }

    /// <summary>True while a registration may exist at GitHub that the server has not removed yet.</summary>
    public bool RegistrationHeld { get; init; }

    /// <summary>Set when the VM did not become, or did not stay, a working runner.</summary>
    public VmFailure? Failure { get; init; }
}
