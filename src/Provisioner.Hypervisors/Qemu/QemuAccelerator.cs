namespace Provisioner.Hypervisors.Qemu;

public enum QemuAccelerator
{
    /// <summary>KVM where it is proven to work, else software emulation.</summary>
    Auto,

    /// <summary>KVM or nothing: machines are not started where it does not work.</summary>
    Kvm,

    /// <summary>Software emulation: works everywhere, many times slower.</summary>
    Tcg,
}
