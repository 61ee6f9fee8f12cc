namespace Provisioner.Server.Store;

/// <summary>A host as the store knows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsUp">Whether its server holds its lease.</param>
/// <param name="DrainingSince">Since when it takes no new VM; null while it does.</param>
/// <param name="DrainingBy">Who has it drained.</param>
/// <param name="Holding">How many VMs have their place there.</param>
/// <param name="Waiting">How many wait for one.</param>
internal sealed record HostRow(string Name, bool IsUp, DateTimeOffset? DrainingSince, string? DrainingBy, long Holding, long Waiting);
