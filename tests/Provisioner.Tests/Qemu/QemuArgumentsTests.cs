using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Qemu;

namespace Provisioner.Tests.Qemu;

public sealed class QemuArgumentsTests
{
    private static readonly SavedMachine Machine = SavedMachine.From(new VmSpecification
    {
        Id = VmId.Parse("one"),
        Image = new BaseImage("/images/base.qcow2"),
        Label = "--help",
        Owner = "acme,server=off",
        Repository = "widgets",
        Cpus = 4,
        MemoryMegabytes = 8192,
    });

    [Fact]
    public void The_command_line_of_a_machine_with_kvm_and_passt()
    {
        string[] expected =
        [
            "-name", "vbdp-one",
            "-pidfile", "/vms/vbdp-one/pid",
            "-nodefaults", "-no-user-config",
            "-display", "none",
            "-machine", "q35,usb=off,vmport=off,dump-guest-core=off",
            "-accel", "kvm",
            "-cpu", "host",
            "-smp", "cpus=4,sockets=1,cores=4,threads=1",
            "-m", "8192M",
            "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
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
            "-netdev", "stream,id=net,server=off,addr.type=unix,addr.path=net.sock",
            "-device", "virtio-net-pci,netdev=net",
            "-object", "rng-random,id=entropy,filename=/dev/urandom",
            "-device", "virtio-rng-pci,rng=entropy",
        ];

        Assert.Equal(expected, For("/vms", new QemuOptions { Network = QemuNetwork.Passt }, kvm: true));
    }

    [Fact]
    public void A_seed_is_a_cd_that_only_its_machine_has_and_none_can_write()
    {
        var without = For("/vms", new QemuOptions(), kvm: true);
        var with = QemuArguments.For(Folder("/vms"), Machine with { HasSeed = true }, new QemuOptions(), kvm: true);

        string[] expected =
        [
            "-blockdev", "driver=raw,node-name=seed,read-only=on,file.driver=file,file.filename=/vms/vbdp-one/seed.iso",
            "-device", "virtio-scsi-pci,id=drives",
            "-device", "scsi-cd,bus=drives.0,drive=seed,serial=vbdp-seed",
        ];
        Assert.Equal([.. without, .. expected], with);
    }

    [Fact]
    public void Nothing_else_changes_its_place_on_the_bus_for_a_seed()
    {
        var machine = Machine with { Hardware = new VmHardware { Pci = ["0000:01:00.0"] } };
        var without = QemuArguments.For(Folder("/vms"), machine, new QemuOptions(), kvm: true);
        var saved = QemuArguments.For(Folder("/vms"), machine with { HasSeed = true, State = "booted" }, new QemuOptions(), kvm: true);

        Assert.Contains(without, argument => argument.StartsWith("vfio-pci", StringComparison.Ordinal));
        Assert.Equal(without, saved.Take(without.Count));
        Assert.Equal(["-loadvm", "booted"], saved.TakeLast(2));
    }

    [Fact]
    public void Without_kvm_the_machine_is_emulated_with_all_that_emulation_can_do()
    {
        var arguments = For("/vms", new QemuOptions(), kvm: false);

        Assert.Equal(["tcg", "max"], [After(arguments, "-accel"), After(arguments, "-cpu")]);
    }

    [Fact]
    public void A_machine_that_asks_for_no_size_gets_the_configured_one()
    {
        var options = new QemuOptions { DefaultCpus = 3, DefaultMemoryMegabytes = 1000 };
        var arguments = QemuArguments.For(Folder("/vms"), Machine with { Cpus = null, MemoryMegabytes = null }, options, kvm: false);

        Assert.Equal("cpus=3,sockets=1,cores=3,threads=1", After(arguments, "-smp"));
        Assert.Equal("1000M", After(arguments, "-m"));
    }

    [Fact]
    public void A_restricted_network_has_only_its_forwards_each_with_a_process_per_connection()
    {
        var options = new QemuOptions
        {
            Network = QemuNetwork.Restricted,
            SocatProgram = "/usr/bin/socat",
            Forwards = ["10.0.2.100:8081=127.0.0.1:9081", "10.0.2.101:443=192.0.2.7:8443"],
        };
        var arguments = For("/vms", options, kvm: false);

        Assert.Equal(
            "user,id=net,restrict=on,ipv6=off"
            + ",guestfwd=tcp:10.0.2.100:8081-cmd:/usr/bin/socat -t 60 STDIO TCP4:127.0.0.1:9081"
            + ",guestfwd=tcp:10.0.2.101:443-cmd:/usr/bin/socat -t 60 STDIO TCP4:192.0.2.7:8443",
            After(arguments, "-netdev"));
        Assert.Equal("on,obsolete=deny,elevateprivileges=allow,spawn=allow,resourcecontrol=deny", After(arguments, "-sandbox"));
    }

    [Fact]
    public void A_restricted_network_without_forwards_starts_no_processes()
    {
        var arguments = For("/vms", new QemuOptions { Network = QemuNetwork.Restricted }, kvm: false);

        Assert.Equal("user,id=net,restrict=on,ipv6=off", After(arguments, "-netdev"));
        Assert.Contains("spawn=deny", After(arguments, "-sandbox"), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_network_there_is_no_device_for_it()
    {
        var arguments = For("/vms", new QemuOptions { Network = QemuNetwork.None }, kvm: false);

        Assert.DoesNotContain("-netdev", arguments);
        Assert.DoesNotContain(arguments, argument => argument.StartsWith("virtio-net", StringComparison.Ordinal));
    }

    [Fact]
    public void A_comma_in_the_folder_ends_no_option()
    {
        Assert.Contains(For("/a,b", new QemuOptions(), kvm: false), argument => argument.Contains("filename=/a,,b/vbdp-one/disk.qcow2,", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_that_a_caller_chose_is_in_the_command_line_but_the_id_and_numbers()
    {
        var line = string.Join(' ', For("/vms", new QemuOptions(), kvm: true));

        Assert.DoesNotContain("--help", line, StringComparison.Ordinal);
        Assert.DoesNotContain("acme", line, StringComparison.Ordinal);
        Assert.DoesNotContain("widgets", line, StringComparison.Ordinal);
    }

    private static IReadOnlyList<string> For(string folder, QemuOptions options, bool kvm) =>
        QemuArguments.For(Folder(folder), Machine, options, kvm);

    private static MachineFolder Folder(string root) => new(root, VmId.Parse("one"));

    private static string After(IReadOnlyList<string> arguments, string option) =>
        arguments[arguments.Index().First(argument => argument.Item == option).Index + 1];
}
