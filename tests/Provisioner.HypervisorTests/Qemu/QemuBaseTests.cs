using System.Diagnostics;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Qemu;

namespace Provisioner.HypervisorTests.Qemu;

/// <summary>Disks of others become images, and machines become images.</summary>
public sealed class QemuBaseTests : QemuFacts
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Theory(Timeout = Patience)]
    [InlineData("qcow2")]
    [InlineData("raw")]
    [InlineData("vdi")]
    [InlineData("vmdk")]
    [InlineData("vhdx")]
    public async Task A_disk_of_others_becomes_an_image(string format)
    {
        var disk = await ConvertAsync(format);

        await new DiskImport(Rig.Options, TimeProvider.System).ToQcow2Async(disk, InFolder("image.qcow2"), Long, Token);

        Assert.True((await Open().InspectAsync(new BaseImage(InFolder("image.qcow2")), Token)).IsUsable);
        await RunAsync("qemu-img", "compare", "-s", Rig.Image.Source, InFolder("image.qcow2"));
    }

    [Fact(Timeout = Patience)]
    public async Task A_disk_that_was_cut_off_is_refused()
    {
        var disk = await ConvertAsync("qcow2");
        await using (var file = File.OpenWrite(disk))
        {
            file.SetLength(file.Length / 2);
        }

        await AssertRefusedAsync(disk, "damaged or was cut off");
    }

    [Fact(Timeout = Patience)]
    public async Task A_disk_that_would_show_a_file_of_the_host_is_refused()
    {
        await RunAsync("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", "/etc/passwd", InFolder("spy.qcow2"), "2M");
        await RunAsync("qemu-img", "create", "-q", "-f", "qcow2", "-o", $"data_file={InFolder("data")},data_file_raw=on", InFolder("other.qcow2"), "2M");

        await AssertRefusedAsync(InFolder("spy.qcow2"), "stands on another file");
        await AssertRefusedAsync(InFolder("other.qcow2"), "stands on another file");
    }

    [Theory(Timeout = Patience)]
    [InlineData("<html>Not found</html>", "too small to be a disk")]
    [InlineData("", "too small to be a disk")]
    public async Task What_is_no_disk_is_refused(string content, string why)
    {
        await File.WriteAllTextAsync(InFolder("page"), content, Token);

        await AssertRefusedAsync(InFolder("page"), why);
    }

    [Fact(Timeout = Patience)]
    public async Task A_disk_that_is_not_there_is_named() => await AssertRefusedAsync(InFolder("nowhere.qcow2"), "nowhere.qcow2");

    [Fact(Timeout = Patience)]
    public async Task A_machine_that_is_off_becomes_an_image_that_stands_alone()
    {
        var (driver, id) = (Open(), VmId.Parse("base"));
        var specification = new VmSpecification { Id = id, Image = Rig.Image, Label = "base", Owner = "a", Repository = "b", DiskMegabytes = 100, SeedDisk = await ConvertAsync("raw") };
        await driver.EnsureClonedAsync(specification, Token);
        await driver.EnsureStartedAsync(id, Token);
        var running = await Assert.ThrowsAsync<HypervisorException>(() => driver.SealAsync(id, InFolder("sealed.qcow2"), Long, Token));
        await driver.EnsureStoppedAsync(id, TimeSpan.Zero, Token);

        Assert.Equal([Rig.Image.Source], await driver.ListImagesInUseAsync(Token));
        await driver.SealAsync(id, InFolder("sealed.qcow2"), Long, Token);
        await driver.EnsureGoneAsync(id, Token);

        Assert.Contains("no machine base that is off", running.Message, StringComparison.Ordinal);
        var told = await RunAsync("qemu-img", "info", InFolder("sealed.qcow2"));
        Assert.Contains("100 MiB", told, StringComparison.Ordinal);
        Assert.DoesNotContain("backing file", told, StringComparison.Ordinal);
        Assert.Empty(await driver.ListImagesInUseAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task A_disk_that_cannot_be_read_hides_what_it_stands_on()
    {
        var driver = Open();
        await driver.EnsureClonedAsync(new VmSpecification { Id = VmId.Parse("one"), Image = Rig.Image, Label = "one", Owner = "a", Repository = "b" }, Token);
        await File.WriteAllTextAsync(Path.Combine(Rig.Folder, "vbdp-one", "disk.qcow2"), "QFI\u00fb", Token);

        await Assert.ThrowsAsync<HypervisorException>(() => driver.ListImagesInUseAsync(Token));
    }

    private async Task AssertRefusedAsync(string disk, string why)
    {
        var problem = await Assert.ThrowsAsync<HypervisorException>(() => new DiskImport(Rig.Options, TimeProvider.System).ToQcow2Async(disk, InFolder("image.qcow2"), Long, Token));

        Assert.Contains(why, problem.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(InFolder("image.qcow2")));
    }

    private async Task<string> ConvertAsync(string format)
    {
        await RunAsync("qemu-img", "convert", "-O", format, Rig.Image.Source, InFolder("disk." + format));
        return InFolder("disk." + format);
    }

    private string InFolder(string name)
    {
        Directory.CreateDirectory(Path.Combine(Rig.Folder, "files"));
        return Path.Combine(Rig.Folder, "files", name);
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync(Token);
        var output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        Assert.True(process.ExitCode == 0, await error);
        return output;
    }
}
