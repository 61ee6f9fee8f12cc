namespace Provisioner.Server.Store;

/// <summary>The store did not do what was asked; nothing was written, unless the connection broke while it was being committed. The message is for the log.</summary>
internal sealed class StoreException(StoreFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public StoreFault Fault { get; } = fault;
}
