namespace Provisioner.Contracts;

/// <summary>A host that runs VMs, as those see it who may see the whole of it.</summary>
public sealed record HostView
{
    public required string Name { get; init; }

    /// <summary>True for the host whose server has answered.</summary>
    public required bool Own { get; init; }

    /// <summary>Whether its server runs, as far as the store knows.</summary>
    public required bool Up { get; init; }

    /// <summary>Since when it takes no new VM; null while it takes them.</summary>
    public DateTimeOffset? DrainingSince { get; init; }

    /// <summary>Who has it drained.</summary>
    public string? DrainingBy { get; init; }

    /// <summary>How many VMs have their place there, warm ones among them.</summary>
    public required long Vms { get; init; }

    /// <summary>How many wait for one.</summary>
    public required long Waiting { get; init; }

    /// <summary>What it has for VMs; null where only its own server knows.</summary>
    public HostRoom? Room { get; init; }

    /// <summary>What VMs hold of that.</summary>
    public HostRoom? Held { get; init; }
}
