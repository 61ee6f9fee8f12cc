namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>What starting a machine needs of the host beside VirtualBox itself: its kernel driver, and the processor's virtualisation.</summary>
internal static class KernelDriver
{
    public static string Missing(string device) =>
        $"VirtualBox's kernel driver is not loaded (there is no {device}). Run 'sudo modprobe vboxdrv'; if there is no such module, run 'sudo /sbin/vboxconfig' or install virtualbox-dkms and the headers of this kernel.";

    /// <summary>Why no machine can be started; null when nothing speaks against it.</summary>
    public static async Task<string?> FindProblemAsync(VBoxManage vbox, string device, CancellationToken cancellationToken)
    {
        if (!File.Exists(device))
        {
            return Missing(device);
        }

        var host = await vbox.RunAsync(["list", "hostinfo"], cancellationToken);
        return host.Contains("supports HW virtualization: no", StringComparison.Ordinal)
            ? "The processor's virtualisation (VT-x or AMD-V) is not to be had: it is switched off in the firmware, or another hypervisor holds it. If 'lsmod' shows kvm_intel or kvm_amd, run 'sudo modprobe -r' with that name."
            : null;
    }
}
