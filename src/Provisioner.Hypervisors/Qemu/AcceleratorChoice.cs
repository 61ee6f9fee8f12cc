namespace Provisioner.Hypervisors.Qemu;

/// <param name="Kvm">Whether machines run with KVM.</param>
/// <param name="CanStart">False if KVM is demanded and does not work.</param>
/// <param name="Why">In one sentence, with the remedy where there is one.</param>
internal sealed record AcceleratorChoice(bool Kvm, bool CanStart, string Why);
