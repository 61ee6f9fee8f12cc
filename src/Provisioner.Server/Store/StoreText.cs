namespace Provisioner.Server.Store;

/// <summary>What the log says of a store that fails: the thing, the cause, the remedy.</summary>
internal static class StoreText
{
    public static string Describe(StoreFault fault, string place, string cause) => fault switch
    {
        StoreFault.Busy => $"{place} is held by somebody else: {cause} See which other process works on it; the server tries again.",
        StoreFault.Full => $"{place} has no space left: {cause} Free some; the server tries again.",
        StoreFault.Unreachable => $"{place} cannot be used: {cause} See that it is there, runs, and lets the server's user in; the server tries again.",
        StoreFault.Corrupt => $"{place} is damaged: {cause} {WhatToDoAboutDamage}",
        StoreFault.StaleEpoch => $"{place}: {cause}",
        StoreFault.Failed => $"{place} refused a statement: {cause} This is a fault of the server; report it.",
    };

    public const string WhatToDoAboutDamage =
        "Stop the server and put back a copy of the file from before the damage. Without a copy, delete it (and its -wal and -shm): " +
        "the server begins anew, and removes the machines that it finds.";
}
