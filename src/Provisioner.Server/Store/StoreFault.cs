namespace Provisioner.Server.Store;

/// <summary>What is wrong with the store, as far as it matters to those who use it.</summary>
internal enum StoreFault
{
    /// <summary>Somebody else holds what was needed, for longer than we wait.</summary>
    Busy,

    /// <summary>No space is left.</summary>
    Full,

    /// <summary>The database does not answer, or its files cannot be used.</summary>
    Unreachable,

    /// <summary>What stands in it is damaged.</summary>
    Corrupt,

    /// <summary>Another process writes for this host by now.</summary>
    StaleEpoch,

    /// <summary>Anything else: a fault of ours.</summary>
    Failed,
}
