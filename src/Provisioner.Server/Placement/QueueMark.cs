namespace Provisioner.Server.Placement;

/// <summary>What differs when anybody came to the queue, left it, got a place or gave one back.</summary>
internal readonly record struct QueueMark(long Waiting, long LastAsked, long Holding, long LastPlaced);
