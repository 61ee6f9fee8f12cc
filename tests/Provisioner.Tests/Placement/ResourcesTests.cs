using Provisioner.Server.Configuration;
using Provisioner.Server.Placement;
using static Provisioner.Tests.Placement.Hosts;

namespace Provisioner.Tests.Placement;

public sealed class ResourcesTests
{
    private static readonly Resources Host = Of(4, 8, 16384, 65536, "gpu0");

    [Fact]
    public void What_is_taken_and_given_back_leaves_the_same()
    {
        var need = Need(2, 2048, "gpu0");

        Assert.Equal(Host, Host.Minus(need).Plus(need));
        Assert.Empty(Host.Minus(need).Devices);
    }

    [Theory]
    [InlineData(8, 16384, "gpu0", null)]
    [InlineData(9, 16384, "gpu0", "it needs 9 of this host's 8 CPUs, and fewer are free")]
    [InlineData(8, 16385, "gpu0", "it needs 16385 of this host's 16384 MiB of memory, and less is free")]
    [InlineData(8, 16384, "gpu1", "the device gpu1 is in use")]
    public void What_does_not_fit_is_said_in_words(int cpus, int memory, string device, string? lack)
    {
        var need = Need(cpus, memory, device);

        Assert.Equal(lack, need.Lack(Host, Host));
        Assert.Equal(lack is null, need.Fits(Host));
    }

    [Theory]
    [InlineData(8, 16384, "gpu0", "Those before it get their place, or leave the queue.")]
    [InlineData(9, 16384, "gpu0", "VMs end that hold 1 CPUs together; or it asks for fewer; or the operator raises capacity.cpus.")]
    [InlineData(8, 16385, "gpu0", "VMs end that hold 1 MiB of memory together; or it asks for less; or the operator raises capacity.memory.")]
    [InlineData(8, 16384, "gpu1", "The VM that holds gpu1 ends.")]
    [InlineData(8, 16384, "gpu2", "The device gpu2 comes back to the host: virtualbox-server hardware list says where it is.")]
    public void What_would_help_goes_with_what_is_lacking(int cpus, int memory, string device, string relief) =>
        Assert.Equal(relief, Relief.Of(Need(cpus, memory, device), Host, Host with { Absent = ["gpu2"] }));

    [Fact]
    public void A_full_host_has_room_again_when_a_vm_ends() =>
        Assert.Equal("A VM of this host ends; or its operator raises vms.maxRunning.", Relief.Of(Need(), Host with { Count = 0 }, Host));

    [Fact]
    public void A_disk_is_as_scarce_as_the_rest()
    {
        var need = Need() with { Disk = 65537 };

        Assert.Equal("it needs 65537 of this host's 65536 MiB of disk, and less is free", need.Lack(Host, Host));
        Assert.Equal("VMs end that hold 1 MiB of disk together; or it asks for less; or the operator makes room, and raises capacity.disk.", Relief.Of(need, Host, Host));
        Assert.Equal(["It needs 65537 MiB of disk; this host gives at most 65536."], need.Excess(Host));
    }

    [Fact]
    public void A_disk_that_was_asked_for_counts_whole_and_before_what_profile_and_image_say()
    {
        var (image, profile) = (new ImageOptions { Disk = 9000 }, new HardwareOptions { Disk = 20000 });

        Assert.Equal(30000, Needs.Of(image, null, null, Host, profile, disk: 30000).Disk);
        Assert.Equal(10000, Needs.Of(image, null, null, Host, profile, disk: 10000).Disk);
        Assert.Equal(20000, Needs.Of(image, null, null, Host, profile).Disk);
        Assert.Equal(99999, Needs.Of(null, null, null, Host, disk: 99999).Disk);
    }

    [Fact]
    public void A_need_that_the_whole_host_cannot_meet_names_the_range()
    {
        Assert.Equal(
            ["It needs 9 CPUs; this host gives 1 to 8.", "It needs 99999 MiB of memory; this host gives 128 to 16384.", "Its image needs the device gpu1, which this host has not."],
            Need(9, 99999, "gpu1").Excess(Host));
        Assert.Empty(Need(8, 16384, "gpu0").Excess(Host));
    }

    [Fact]
    public void A_vm_takes_what_was_asked_for_or_what_its_image_says_or_the_default()
    {
        var image = new ImageOptions { Cpus = 2, Disk = 9000, Devices = ["gpu0"] };

        Assert.Equal(new Resources { Count = 1, Cpus = 2, Memory = 4096, Disk = 9000, Devices = ["gpu0"] }, Needs.Of(image, cpus: null, memory: 4096, Host));
        Assert.Equal(new Resources { Count = 1, Cpus = 1, Memory = 1024, Disk = 4096 }, Needs.Of(new ImageOptions(), null, null, Host));
        Assert.Equal(new Resources { Count = 1, Cpus = 1, Memory = 1024, Disk = 4096 }, Needs.Of(null, null, null, Host));
        Assert.Equal(2475, Needs.Of(null, null, null, Host with { Disk = 2475 }).Disk); // a guess refuses nothing
        Assert.Equal(9000, Needs.Of(image, null, null, Host with { Disk = 2475 }).Disk);
    }

    [Fact]
    public void A_host_has_what_the_configuration_says_and_what_is_measured_otherwise()
    {
        var options = new ServerOptions { Capacity = new CapacityOptions { Memory = 5000, Devices = ["gpu0"] } };
        options.VirtualBox.MachineFolder = "/nowhere/yet";

        var host = HostCapacity.Of(options);

        Assert.Equal((options.Vms.MaxRunning, 5000), (host.Count, host.Memory));
        Assert.Equal(Environment.ProcessorCount * 4, host.Cpus);
        Assert.InRange(host.Disk, 1, new DriveInfo("/").TotalSize / (1024 * 1024));
        Assert.Equal(["gpu0"], host.Devices);
        Assert.InRange(HostCapacity.Of(new ServerOptions()).Memory, 1, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024 * 1024));
    }
}
