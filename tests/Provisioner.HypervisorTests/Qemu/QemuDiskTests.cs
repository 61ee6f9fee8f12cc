using System.Diagnostics;
using System.Text.Json;
using Provisioner.Hypervisors;

namespace Provisioner.HypervisorTests.Qemu;

/// <summary>The disk of a clone on the real qemu-img: an overlay on its image, of the size that was asked for.</summary>
public sealed class QemuDiskTests : QemuFacts
{
    [Theory(Timeout = Patience)]
    [InlineData(null)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(50_000)]
    public async Task An_overlay_has_the_size_that_was_asked_for_and_its_image_stays_as_it_is(int? more)
    {
        var hypervisor = Open();
        var size = (await hypervisor.InspectAsync(Rig.Image, Token)).DiskMegabytes!.Value;
        var id = VmId.Parse("sized");
        var specification = new VmSpecification { Id = id, Image = Rig.Image, Label = "sized", Owner = "acme", Repository = "widgets" };

        await hypervisor.EnsureClonedAsync(more is null ? specification : specification with { Hardware = new VmHardware { DiskMegabytes = (int)size + more.Value } }, Token);

        var overlay = await InfoAsync(Path.Combine(Rig.Folder, "vbdp-sized", "disk.qcow2"));
        var image = await InfoAsync(Rig.Image.Source);
        Assert.Equal(more is null or 0 ? image.Bytes : (size + more.Value) << 20, overlay.Bytes);
        Assert.Equal((Rig.Image.Source, null), (overlay.Backing, image.Backing));
    }

    private static async Task<(long Bytes, string? Backing)> InfoAsync(string path)
    {
        var start = new ProcessStartInfo("qemu-img", ["info", "--output=json", path]) { RedirectStandardOutput = true };
        using var program = Process.Start(start)!;
        using var told = JsonDocument.Parse(await program.StandardOutput.ReadToEndAsync(Token));
        await program.WaitForExitAsync(Token);
        return (told.RootElement.GetProperty("virtual-size").GetInt64(), told.RootElement.TryGetProperty("backing-filename", out var backing) ? backing.GetString() : null);
    }
}
