namespace Provisioner.Hypervisors.VirtualBox;

internal static class KernelDriver
{
    public static string Missing(string device) =>
        $"VirtualBox's kernel driver is not loaded (there is no {device}). Run 'sudo modprobe vboxdrv'; if there is no such module, run 'sudo /sbin/vboxconfig' or install virtualbox-dkms and the headers of this kernel.";
}
