using System.Collections;
using System.Text.Json.Nodes;
using Provisioner.Hypervisors;
using Provisioner.Server.Commands;
using Provisioner.Server.Configuration;
using Provisioner.Server.Hardware;

namespace Provisioner.Tests.Hardware;

public sealed class HardwareListTests : IDisposable
{
    private readonly HostTree _host = new HostTree()
        .Usb("1.2", "096e", "0006", "AB*12").Usb("1.3", "046d", "c52b", "S 1").Usb("2", "1d6b", "0002", deviceClass: "09").Write("sys/bus/usb/devices/1-1.2:1.0/bInterfaceClass", "03")
        .Pci("0000:01:00.0", "030000", "vfio-pci", 7).Pci("0000:01:00.1", "040300", null, 7).Pci("0000:00:1c.0", "060400", "pcieport", 7).Pci("0000:02:00.0", "020000", "e1000e", null)
        .Write("dev/ttyUSB0", "").Link("dev/serial/by-id/usb-Acme_Key-if00", "../../ttyUSB0").Write("sys/class/tty/ttyUSB0/device/x", "")
        .Write("dev/ttyS0", "").Write("sys/class/tty/ttyS0/device/x", "").Write("sys/class/tty/ttyS0/type", "4")
        .Write("dev/ttyS1", "").Write("sys/class/tty/ttyS1/device/x", "").Write("sys/class/tty/ttyS1/type", "0")
        .Write("dev/sgx_vepc", "").Write("sys/module/kvm_intel/parameters/nested", "N");

    [Fact]
    public void All_that_the_host_has_is_shown_with_what_holds_it_up()
    {
        var lines = HardwareReport.Lines(Found()).ToList();

        string[] expected =
        [
            "USB devices:",
            "  096e:0006  serial AB*12  Acme Key  (bus 1, port 1.2)",
            "  046d:c52b  serial S 1  Acme Key  (bus 1, port 1.3)",
            "PCI devices, by IOMMU group; those of one group go to one VM together (QEMU only):",
            "  group 7  0000:01:00.0  10de:1b80  display  ready: vfio-pci",
            "  group 7  0000:01:00.1  10de:1b80  multimedia  without a driver; bind it to vfio-pci",
            "Serial ports:",
            "  /dev/serial/by-id/usb-Acme_Key-if00  (/dev/ttyUSB0)",
            "  /dev/ttyS0",
            "Enclave memory (SGX, QEMU only): yes",
        ];
        Assert.Equal(expected, lines[..expected.Length]);
        Assert.Contains("Nested machines: no: switched off in the kernel (nested=1 of kvm_intel or kvm_amd)", lines);
    }

    [Fact]
    public void The_server_takes_the_configuration_that_is_printed()
    {
        var printed = string.Join('\n', HardwareReport.Lines(Found()).SkipWhile(line => !line.StartsWith("\"hardware\":", StringComparison.Ordinal)));
        var file = Path.Combine(_host.Root, "server.json");
        File.WriteAllText(file, $$"""{ "hypervisor": "qemu", "certFile": "{{file}}", "keyFile": "{{file}}", {{printed}} }""");

        var (options, errors) = ConfigurationReader.Read(file, new Hashtable(), new Dictionary<string, string>());

        Assert.Empty(errors);
        Assert.Equal(
            ["pci-group-7", "serial-ttys0", "serial-usb-acme-key-if00", "sgx", "usb-046d-c52b-s-1", "usb-096e-0006"],
            options!.Hardware.Keys.Where(name => name != "tpm").Order(StringComparer.Ordinal));
        Assert.Equal(["0000:01:00.0", "0000:01:00.1"], options.Hardware["pci-group-7"].Pci);
    }

    [Fact]
    public void Programs_are_given_the_same_as_json()
    {
        var json = JsonNode.Parse(HardwareReport.Json(Found()))!;

        Assert.Equal("S 1", (string?)json["usb"]![1]!["serial"]);
        Assert.Equal(7, (int?)json["pci"]![0]!["group"]);
        Assert.False((bool?)json["nested"]);
        Assert.Equal("/dev/ttyUSB0", (string?)json["serial"]![0]!["target"]);
    }

    [Fact]
    public void This_host_can_be_looked_at()
    {
        Assert.NotNull(JsonNode.Parse(HardwareReport.Json(HardwareInventory.Read(new HostDevices()))));
        Assert.Equal(0, ServerCommand.Create().Parse("hardware list --format json").Invoke());
    }

    public void Dispose() => _host.Dispose();

    private HardwareInventory Found() => HardwareInventory.Read(new HostDevices(_host.Root));
}
