using System.Globalization;

namespace Provisioner.Hypervisors.Qemu;

/// <summary>
/// QEMU's argument list for one machine. Nothing here comes from a caller but numbers, and the name, which is a
/// <see cref="VmId"/>; label, owner and repository go to the guest over its port.
/// </summary>
internal static class QemuArguments
{
    public const string GuestPort = "org.virtualbox-provisioner.guest";

    /// <summary>What the machine's disk is called in QEMU.</summary>
    public const string DiskNode = "disk";

    /// <param name="folder">Where the machine lives.</param>
    /// <param name="machine">What it is.</param>
    /// <param name="options">How this host runs QEMU.</param>
    /// <param name="kvm">Whether the processor does it.</param>
    /// <param name="usb">Where its USB devices are plugged in now.</param>
    public static IReadOnlyList<string> For(MachineFolder folder, SavedMachine machine, QemuOptions options, bool kvm, params IReadOnlyList<HostUsbDevice> usb)
    {
        var cpus = machine.Cpus ?? options.DefaultCpus;
        var memory = machine.MemoryMegabytes ?? options.DefaultMemoryMegabytes;
        return
        [
            "-name", folder.Name,
            "-pidfile", folder.PidFile,
            "-nodefaults", "-no-user-config",
            "-display", "none",
            .. Machine(kvm, machine.Hardware),
            // One socket: Windows on a desktop licence uses at most two.
            "-smp", Invariant($"cpus={cpus},sockets=1,cores={cpus},threads=1"),
            "-m", Invariant($"{memory}M"),
            .. Sandbox(options, machine),
            .. Disk(folder),
            .. Seed(machine.SeedDisk),
            .. Channels(),
            .. Network(folder, options, machine.Hardware?.Network),
            "-object", "rng-random,id=entropy,filename=/dev/urandom",
            "-device", "virtio-rng-pci,rng=entropy",
            .. machine.Hardware is { } hardware ? QemuHardware.Arguments(hardware, usb) : [],
            // After all others: they keep their places on the bus, and so network cards their names, with and without a seed.
            .. machine.HasSeed ? Drive(folder.Seed) : [],
            .. machine.State is { } state ? (string[])["-loadvm", state] : [],
        ];
    }

    /// <summary>Whether it is passt that carries the machine's network.</summary>
    public static bool NeedsPasst(SavedMachine machine, QemuOptions options) =>
        machine.Hardware?.Network is { } network ? network.Kind == VmNetworkKind.Nat : options.Network == QemuNetwork.Passt;

    /// <summary>What decides whether an accelerator works here: the probe uses the same.</summary>
    public static IReadOnlyList<string> Machine(bool kvm, VmHardware? hardware = null) =>
    [
        "-machine", $"q35,usb=off,vmport=off,dump-guest-core=off{QemuHardware.OfMachine(hardware)}",
        "-accel", kvm ? "kvm" : "tcg",
        // Measured with 7.2: in software, guests of a processor without these crash.
        "-cpu", kvm ? "host" + QemuHardware.OfProcessor(hardware) : "max",
    ];

    // A command per forwarded connection has to be started, and libslirp's way of starting it is also cut off by
    // elevateprivileges=deny (measured: the connection is reset). So is the program that opens a bridge. Without forwards nothing may be started at all.
    private static IReadOnlyList<string> Sandbox(QemuOptions options, SavedMachine machine) => options switch
    {
        { Sandbox: false } => [],
        _ when options.Forwards.Count > 0 || machine.Hardware?.Network is { Kind: not VmNetworkKind.Nat } => ["-sandbox", "on,obsolete=deny,elevateprivileges=allow,spawn=allow,resourcecontrol=deny"],
        _ => ["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"],
    };

    // The clone does not survive the host's power cut anyway: flushing to the disk for it would only cost time (no-flush). A
    // host without space pauses the guest and is reported (enospc), other write errors are the guest's to see.
    private static IReadOnlyList<string> Disk(MachineFolder folder) =>
    [
        "-blockdev", $"driver=file,node-name=file,filename={Escape(folder.Disk)},discard=unmap,cache.no-flush=on",
        "-blockdev", $"driver=qcow2,node-name={DiskNode},file=file,discard=unmap,detect-zeroes=unmap,cache.no-flush=on",
        "-device", $"virtio-blk-pci,drive={DiskNode},werror=enospc,rerror=report",
    ];

    private static IReadOnlyList<string> Seed(string? path) => path is null ? [] :
    [
        "-blockdev", $"driver=raw,node-name=seed,read-only=on,file.driver=file,file.filename={Escape(path)}",
        "-device", "virtio-blk-pci,drive=seed",
    ];

    // A CD-ROM, where cloud-init looks for it; on virtio, for the kernels of cloud images have no other drivers.
    private static IReadOnlyList<string> Drive(string path) =>
    [
        "-blockdev", $"driver=raw,node-name=seed,read-only=on,file.driver=file,file.filename={Escape(path)}",
        "-device", "virtio-scsi-pci,id=drives",
        "-device", "scsi-cd,bus=drives.0,drive=seed,serial=vbdp-seed",
    ];

    // Relative: the address of a Unix socket holds 107 bytes, and QEMU is started in the machine's folder.
    private static IReadOnlyList<string> Channels() =>
    [
        "-chardev", "socket,id=qmp,path=qmp.sock,server=on,wait=off",
        "-mon", "chardev=qmp,mode=control",
        "-chardev", "socket,id=console,path=console.sock,server=on,wait=off",
        "-serial", "chardev:console",
        "-device", "virtio-serial-pci",
        "-chardev", "socket,id=guest,path=guest.sock,server=on,wait=off",
        "-device", $"virtserialport,chardev=guest,id=guest,name={GuestPort}",
    ];

    // restrict=on: without it QEMU's user network hands 10.0.2.2 to the host's loopback, and nothing can switch that off alone.
    private static IReadOnlyList<string> Network(MachineFolder folder, QemuOptions options, VmNetwork? network) => (network?.Kind, options.Network) switch
    {
        (VmNetworkKind.Bridged or VmNetworkKind.HostOnly, _) =>
            ["-netdev", $"bridge,id=net,br={Escape(network!.Interface!)}", "-device", $"virtio-net-pci,netdev=net,mac={QemuHardware.Address(folder.Id)}"],
        (null, QemuNetwork.None) => [],
        (VmNetworkKind.Nat, _) or (null, QemuNetwork.Passt) =>
            ["-netdev", "stream,id=net,server=off,addr.type=unix,addr.path=net.sock", "-device", "virtio-net-pci,netdev=net"],
        _ =>
            ["-netdev", "user,id=net,restrict=on,ipv6=off" + string.Concat(Forwards(options)), "-device", "virtio-net-pci,netdev=net"],
    };

    // The form with a command: the form with an address connects once, when QEMU starts, and shares that among all connections.
    // -t: a side that has sent all it has to say may still be answered.
    private static IEnumerable<string> Forwards(QemuOptions options) =>
        from text in options.Forwards
        let forward = GuestForward.TryParse(text, out var parsed) ? parsed : throw new FormatException($"'{text}' is not a forward.")
        select Escape($",guestfwd=tcp:{forward.Guest}-cmd:{options.SocatProgram} -t 60 STDIO TCP4:{forward.Host}", 1);

    // A comma ends a value in QEMU's options; two of them are one that belongs to it.
    internal static string Escape(string value, int from = 0) => value[..from] + value[from..].Replace(",", ",,", StringComparison.Ordinal);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
