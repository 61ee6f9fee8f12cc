namespace Provisioner.Hypervisors.Qemu;

internal sealed record QmpCommand(string Execute, int Id);
