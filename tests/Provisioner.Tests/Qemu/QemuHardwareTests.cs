using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Qemu;

namespace Provisioner.Tests.Qemu;

public sealed class QemuHardwareTests
{
    private static readonly VmHardware All = new()
    {
        Tpm = true,
        Nested = false,
        Usb = [new("096e", "0006", "AB12")],
        SerialPorts = ["/dev/serial/by-id/a,b"],
        Pci = ["0000:01:00.0", "0000:01:00.1"],
        SgxMegabytes = 64,
        Network = new(VmNetworkKind.Bridged, "br0"),
    };

    [Fact]
    public void The_command_line_of_a_machine_that_has_everything()
    {
        string[] expected =
        [
            "-name", "vbdp-one",
            "-pidfile", "/vms/vbdp-one/pid",
            "-nodefaults", "-no-user-config",
            "-display", "none",
            "-machine", "q35,usb=off,vmport=off,dump-guest-core=off,sgx-epc.0.memdev=epc0,sgx-epc.0.node=0",
            "-accel", "kvm",
            "-cpu", "host,vmx=off,svm=off",
            "-smp", "cpus=2,sockets=1,cores=2,threads=1",
            "-m", "2048M",
            "-sandbox", "on,obsolete=deny,elevateprivileges=allow,spawn=allow,resourcecontrol=deny",
            "-blockdev", "driver=file,node-name=file,filename=/vms/vbdp-one/disk.qcow2,discard=unmap,cache.no-flush=on",
            "-blockdev", "driver=qcow2,node-name=disk,file=file,discard=unmap,detect-zeroes=unmap,cache.no-flush=on",
            "-device", "virtio-blk-pci,drive=disk,werror=enospc,rerror=report",
            "-chardev", "socket,id=qmp,path=qmp.sock,server=on,wait=off",
            "-mon", "chardev=qmp,mode=control",
            "-chardev", "socket,id=console,path=console.sock,server=on,wait=off",
            "-serial", "chardev:console",
            "-device", "virtio-serial-pci",
            "-chardev", "socket,id=guest,path=guest.sock,server=on,wait=off",
            "-device", "virtserialport,chardev=guest,id=guest,name=org.virtualbox-provisioner.guest",
            "-netdev", "bridge,id=net,br=br0",
            "-device", $"virtio-net-pci,netdev=net,mac={QemuHardware.Address(VmId.Parse("one"))}",
            "-object", "rng-random,id=entropy,filename=/dev/urandom",
            "-device", "virtio-rng-pci,rng=entropy",
            "-device", "qemu-xhci,id=usb",
            "-device", "usb-host,bus=usb.0,hostbus=3,hostport=1.2,vendorid=0x096e,productid=0x0006",
            "-chardev", "serial,id=serial0,path=/dev/serial/by-id/a,,b",
            "-device", "isa-serial,chardev=serial0",
            "-device", "pcie-root-port,id=port0,chassis=1,slot=1",
            "-device", "vfio-pci,host=0000:01:00.0,bus=port0",
            "-device", "pcie-root-port,id=port1,chassis=2,slot=2",
            "-device", "vfio-pci,host=0000:01:00.1,bus=port1",
            "-chardev", "socket,id=tpm,path=tpm.sock",
            "-tpmdev", "emulator,id=tpm,chardev=tpm",
            "-device", "tpm-crb,tpmdev=tpm",
            "-object", "memory-backend-epc,id=epc0,size=64M,prealloc=on",
        ];

        Assert.Equal(expected, For(All, new HostUsbDevice(new("096e", "0006", "AB12"), 3, "1.2", "Key")));
    }

    [Theory]
    [InlineData(true, "host")]
    [InlineData(null, "host")]
    [InlineData(false, "host,vmx=off,svm=off")]
    public void A_guest_starts_machines_of_its_own_unless_it_may_not(bool? nested, string processor)
    {
        var arguments = For(new VmHardware { Nested = nested });

        Assert.Equal(processor, arguments[arguments.ToList().IndexOf("-cpu") + 1]);
    }

    [Fact]
    public void In_software_the_processor_stays_as_it_is()
    {
        var arguments = For(new VmHardware { Nested = false }, kvm: false);

        Assert.Equal("max", arguments[arguments.ToList().IndexOf("-cpu") + 1]);
    }

    [Fact]
    public void Nat_is_passt_whatever_the_others_have()
    {
        var line = string.Join(' ', For(new VmHardware { Network = new(VmNetworkKind.Nat) }));

        Assert.Contains("-netdev stream,id=net,server=off", line, StringComparison.Ordinal);
        Assert.Contains("spawn=deny", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Machines_on_one_bridge_have_addresses_of_their_own() => Assert.NotEqual(QemuHardware.Address(VmId.Parse("one")), QemuHardware.Address(VmId.Parse("two")));

    [Fact]
    public void Its_tpm_is_a_program_of_its_own() => Assert.Equal(
        ["socket", "--tpm2", "--tpmstate", "dir=.,mode=0600", "--ctrl", "type=unixio,path=tpm.sock,mode=0600", "--pid", "file=/vms/vbdp-one/swtpm.pid", "--terminate"],
        SoftwareTpm.Arguments(Folder));

    private static MachineFolder Folder => new("/vms", VmId.Parse("one"));

    private static IReadOnlyList<string> For(VmHardware hardware, params IReadOnlyList<HostUsbDevice> usb) => For(hardware, kvm: true, usb);

    private static IReadOnlyList<string> For(VmHardware hardware, bool kvm, params IReadOnlyList<HostUsbDevice> usb)
    {
        var machine = SavedMachine.From(new VmSpecification
        {
            Id = VmId.Parse("one"), Image = new BaseImage("/images/base.qcow2"), Label = "one", Owner = "acme", Repository = "widgets", Hardware = hardware,
        });
        return QemuArguments.For(Folder, machine, new QemuOptions { Network = QemuNetwork.Restricted }, kvm, usb);
    }
}
