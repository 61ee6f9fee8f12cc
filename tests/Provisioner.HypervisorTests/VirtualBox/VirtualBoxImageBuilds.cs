using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Qemu;
using Provisioner.Hypervisors.VirtualBox;
using Provisioner.HypervisorTests.Qemu;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>An image is built on a real VirtualBox, with a stand-in for the machine that runs; what it would write to its console is written by the test.</summary>
public sealed class VirtualBoxImageBuilds
{
    private const int Patience = 300_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = Patience)]
    public async Task An_image_is_built_cloned_kept_while_a_clone_lives_and_removed()
    {
        await using var box = await FaultyVirtualBox.OpenAsync();
        await using var builder = Open(box);
        var order = await OrderAsync(box);

        await builder.StartAsync(order, Token);
        var building = await FindAsync(box, "vbdp-building-debian-1");
        Assert.True(await builder.IsOnAsync(Token));
        await File.WriteAllTextAsync(Path.Combine(box.Lab.Folder, "work", "console.log"), "VBDP-BUILD ok\n", Token);
        Assert.Equal("VBDP-BUILD ok\n", await builder.ReadConsoleAsync(Token));
        var running = await box.Lab.RunAsync("showvminfo", building, "--machinereadable");
        FaultyVirtualBox.TurnOff(building);
        Assert.False(await builder.IsOnAsync(Token));
        var image = await builder.SealAsync(order, Token);
        await builder.CleanAsync(Token);

        Assert.Contains("uartmode1=\"file,", running, StringComparison.Ordinal);
        Assert.Contains(order.Seed, running, StringComparison.Ordinal);
        var settings = await box.Lab.RunAsync("showvminfo", image.Source, "--machinereadable");
        Assert.Contains("name=\"image-debian-1\"", settings, StringComparison.Ordinal);
        Assert.Contains("uart1=\"off\"", settings, StringComparison.Ordinal);
        Assert.DoesNotContain(order.Seed, settings, StringComparison.Ordinal);
        Assert.False(await builder.IsInUseAsync(image, Token));

        await using var driver = box.Lab.Open();
        Assert.True((await driver.InspectAsync(image, Token)).IsUsable);
        await driver.EnsureClonedAsync(box.Lab.Specify("one") with { Image = image }, Token);
        Assert.True(await builder.IsInUseAsync(image, Token));
        await driver.EnsureGoneAsync(VmId.Parse("one"), Token);
        Assert.False(await builder.IsInUseAsync(image, Token));
        await builder.RemoveAsync(image, order.Folder, Token);
        Assert.False(Directory.Exists(order.Folder));
        await box.AssertNothingIsLeftAsync();
    }

    [Fact(Timeout = Patience)]
    public async Task What_a_killed_build_left_is_removed_by_the_next()
    {
        await using var box = await FaultyVirtualBox.OpenAsync();
        await using (var killed = Open(box))
        {
            await killed.StartAsync(await OrderAsync(box), Token);
        }

        var left = await FindAsync(box, "vbdp-building-debian-1");
        await using var next = Open(box);
        await next.CleanAsync(Token);

        Assert.Null(FaultyVirtualBox.Find(left));
        Assert.False(Directory.Exists(Path.Combine(box.Lab.Folder, "work")));
        await box.AssertNothingIsLeftAsync();
    }

    private static VirtualBoxImageBuilder Open(FaultyVirtualBox box) => new(
        box.Lab.Options, new DiskImport(new QemuOptions(), TimeProvider.System).ToVdiAsync, Path.Combine(box.Lab.Folder, "work"), TimeProvider.System);

    private static async Task<string> FindAsync(FaultyVirtualBox box, string name) =>
        RegisteredVm.ParseList(await box.Lab.RunAsync("list", "vms")).Single(vm => vm.Name == name).Uuid.ToString();

    private static async Task<ImageOrder> OrderAsync(FaultyVirtualBox box)
    {
        var seed = Path.Combine(box.Lab.Folder, "seed.iso");
        await File.WriteAllBytesAsync(seed, new byte[64 * 2048], Token);
        return new ImageOrder
        {
            Name = "debian", Version = "1", Disk = await TinyGuest.ImageAsync(Token), Seed = seed, Folder = Path.Combine(box.Lab.Folder, "built"), DiskMegabytes = 100,
            Cpus = 1, MemoryMegabytes = 128, Deadline = TimeSpan.FromMinutes(2),
        };
    }
}
