namespace Provisioner.Hypervisors.Qemu;

/// <param name="Execute">Name of the command.</param>
/// <param name="Id">What its answer carries.</param>
/// <param name="Arguments">What it needs; null for none.</param>
internal sealed record QmpCommand(string Execute, int Id, QmpArguments? Arguments = null);
