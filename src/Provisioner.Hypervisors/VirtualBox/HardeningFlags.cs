namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// The options of modifyvm that close a clone: whatever the image's machine has open, a job that nobody trusts runs in it.
/// The option names changed with 7.0.
/// </summary>
// Left out: a cap on VBox.log, which modifyvm has not; and bandwidth groups,
// which are made per machine and whose right size nobody but the host's owner knows.
internal static class HardeningFlags
{
    public static IReadOnlyList<string> For(VBoxVersion version) =>
    [
        .. version.HasNewOptions ? New : Old,
        // One adapter, as the image has it.
        .. Enumerable.Range(2, 7).SelectMany(n => new[] { $"--nic{n}", "none" }),
        // A guest could fill the host's disk through a serial port that goes to a file.
        .. Enumerable.Range(1, 4).SelectMany(n => new[] { $"--uart{n}", "off" }),
        "--lpt1", "off", "--lpt2", "off",
        "--clipboard-mode", "disabled",
        "--vrde", "off",
        "--recording", "off",
        "--teleporter", "off",
        "--tracing-enabled", "off",
        "--autostart-enabled", "off",
        "--nested-hw-virt", "off",
        // Without USB a tablet or keyboard on USB cannot be.
        "--mouse", "ps2",
        "--keyboard", "ps2",
        // Against reading other guests' or the host's memory through the CPU's caches and predictors.
        "--spec-ctrl", "on",
        "--ibpb-on-vm-entry", "on",
        "--ibpb-on-vm-exit", "on",
        "--l1d-flush-on-vm-entry", "on",
        "--mds-clear-on-vm-entry", "on",
    ];

    private static IReadOnlyList<string> New =>
    [
        // The host's loopback, where databases and the like trust whoever reaches them.
        "--nat-localhostreachable1", "off",
        "--clipboard-file-transfers", "disabled",
        "--drag-and-drop", "disabled",
        "--usb-ohci", "off", "--usb-ehci", "off", "--usb-xhci", "off",
        "--audio-enabled", "off", "--audio-driver", "none",
        "--accelerate-3d", "off",
    ];

    private static IReadOnlyList<string> Old =>
    [
        "--draganddrop", "disabled",
        "--usb", "off", "--usbehci", "off", "--usbxhci", "off",
        "--audio", "none",
        "--accelerate3d", "off",
    ];
}
