using Microsoft.Extensions.Logging.Abstractions;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Qemu;

namespace Provisioner.Tests.Qemu;

/// <summary>What qemu-img is told of a clone's disk, to the last argument.</summary>
public sealed class OverlayTests : IDisposable
{
    private const int Patience = 60_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("overlay").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Image => Path.Combine(_folder, "base.qcow2");

    private string Overlay => Path.Combine(_folder, "vms", "vbdp-one", "disk.qcow2");

    [Theory(Timeout = Patience)]
    [InlineData(null, "")]
    [InlineData(2048, "")]
    [InlineData(2049, " 2049M")]
    [InlineData(65536, " 65536M")]
    public async Task The_size_that_was_asked_for_comes_last_where_the_image_has_another(int? disk, string size)
    {
        await using var hypervisor = await OpenAsync();

        await hypervisor.EnsureClonedAsync(Specify(disk), Token);

        Assert.Equal($"create -q -f qcow2 -F qcow2 -b {Image} {Overlay}{size}", Assert.Single(Calls(), call => call.StartsWith("create", StringComparison.Ordinal)));
    }

    [Theory(Timeout = Patience)]
    [InlineData(2047)]
    [InlineData(1)]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task A_disk_that_is_smaller_than_the_images_is_refused_before_anything_is_made(int disk)
    {
        await using var hypervisor = await OpenAsync();

        var refusal = await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureClonedAsync(Specify(disk), Token));

        Assert.Equal(
            $"The disk of the image '{Image}' has 2048 MiB, and one is to have {disk}. Ask for 2048 or more in the request or in its hardware profile, wherever the size was said, or for none.",
            refusal.Message);
        Assert.DoesNotContain(Calls(), call => call.StartsWith("create", StringComparison.Ordinal));
        Assert.False(Directory.Exists(Path.Combine(_folder, "vms")));
    }

    [Fact(Timeout = Patience)]
    public async Task The_size_of_an_image_is_known_to_who_looks_at_it()
    {
        await using var hypervisor = await OpenAsync();

        Assert.Equal(2048, (await hypervisor.InspectAsync(new BaseImage(Image), Token)).DiskMegabytes);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private VmSpecification Specify(int? disk) => new()
    {
        Id = VmId.Parse("one"), Image = new BaseImage(Image), Label = "one", Owner = "acme", Repository = "widgets",
        Hardware = disk is null ? null : new VmHardware { DiskMegabytes = disk },
    };

    private string[] Calls() => File.ReadAllLines(Path.Combine(_folder, "calls"));

    private async Task<QemuHypervisor> OpenAsync()
    {
        await File.WriteAllTextAsync(Image, "", Token);
        var program = await FakeProgram.WriteAsync(
            Path.Combine(_folder, "qemu-img"),
            $$$"""
            printf '%s\n' "$*" >>{{{_folder}}}/calls
            case $1 in
              info) printf '[{"format": "qcow2", "virtual-size": 2147483648}]' ;;
              create) printf '' >"$9" ;;
            esac
            """);
        var options = new QemuOptions { Folder = Path.Combine(_folder, "vms"), ImageProgram = program, FreeSpaceReserveMegabytes = 0 };
        return new QemuHypervisor(options, TimeProvider.System, NullLogger<QemuHypervisor>.Instance);
    }
}
