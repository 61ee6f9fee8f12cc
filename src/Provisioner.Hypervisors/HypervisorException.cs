namespace Provisioner.Hypervisors;

/// <summary>A hypervisor could not do what was asked. The message names the thing, the cause and the remedy, and holds no secret.</summary>
public sealed class HypervisorException(HypervisorFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public HypervisorFault Fault { get; } = fault;
}
