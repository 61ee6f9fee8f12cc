using Microsoft.Extensions.Logging.Abstractions;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>The settings file of an image's machine, from which its snapshots are read.</summary>
public sealed class VirtualBoxImages : IDisposable
{
    private const int Patience = 60_000;

    private readonly FakeVirtualBox box = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Settings => Path.Combine(box.Folder, "base.vbox");

    public void Dispose() => box.Dispose();

    [Theory(Timeout = Patience)]
    [InlineData("")]
    [InlineData("<VirtualBox><Machine")]
    [InlineData(null)]
    public async Task An_image_whose_settings_cannot_be_read_is_unusable_and_the_file_is_named_with_the_remedy(string? content)
    {
        File.Delete(Settings);
        if (content is not null)
        {
            await File.WriteAllTextAsync(Settings, content, Token);
        }

        await using var hypervisor = box.Open();
        var health = await hypervisor.InspectAsync(new BaseImage("base"), Token);

        Assert.Equal(HypervisorFault.ImageUnusable, health.Fault);
        Assert.Contains(Settings, health.Problem, StringComparison.Ordinal);
        Assert.Contains("Restore it", health.Problem, StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task Settings_that_are_missing_for_a_moment_while_VirtualBox_writes_them_are_read_then()
    {
        var aside = Settings + "-tmp";
        File.Move(Settings, aside);
        await using var bare = new VBoxManage(box.Options, TimeProvider.System, NullLogger.Instance);
        var images = new Images(bare, new VmMark(box.Options.MachineFolder), new Interrupted(() => File.Move(aside, Settings)));

        var image = await images.ResolveAsync(new BaseImage("base", "clean"), Token);

        Assert.Equal((FakeVirtualBox.Base, Settings), (image.Uuid, image.SettingsFile));
    }

    // Lets something happen while the first pause lasts.
    private sealed class Interrupted(Action happening) : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            happening();
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
