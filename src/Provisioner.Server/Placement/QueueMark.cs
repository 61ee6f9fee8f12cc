namespace Provisioner.Server.Placement;

/// <summary>What differs when anybody came to the queue, left it, got a place or gave one back, and when a warm VM came, went or was ready, who took one is online, and when the host was drained or resumed.</summary>
internal readonly record struct QueueMark(long Waiting, long LastAsked, long Holding, long LastPlaced, long Warm, long LastReady, long Hurried, bool IsDraining);
