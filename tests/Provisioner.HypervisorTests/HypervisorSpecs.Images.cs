using Provisioner.Hypervisors;

namespace Provisioner.HypervisorTests;

public abstract partial class HypervisorSpecs
{
    [Fact(Timeout = Patience)]
    public async Task The_hypervisor_tells_its_version_and_whether_machines_can_be_started()
    {
        var health = await Hypervisor.CheckAsync(Token);

        Assert.NotNull(health.Version);
        Assert.Equal(Rig.CannotStart is null, health.CanStart);
        Assert.NotEmpty(health.Detail);
    }

    [Fact(Timeout = Patience)]
    public async Task A_good_image_is_usable()
    {
        var health = await Hypervisor.InspectAsync(Rig.Image, Token);

        Assert.Null(health.Problem);
        Assert.True(health.IsUsable);
    }

    [Fact(Timeout = Patience)]
    public async Task An_unusable_image_is_refused_with_the_reason_and_leaves_nothing()
    {
        var health = await Hypervisor.InspectAsync(Rig.UnusableImage, Token);
        Assert.False(health.IsUsable);
        Assert.NotEmpty(health.Problem!);

        await AssertRefusedAsync(Rig.UnusableImage);
    }

    [Theory(Timeout = Patience)]
    [InlineData("no-such-image")]
    [InlineData("--help")]
    [InlineData("-x")]
    [InlineData("../../etc/passwd")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("a b; rm -rf /")]
    [InlineData("ünïcödé")]
    [InlineData("")]
    public async Task An_image_that_does_not_exist_is_unusable_whatever_it_is_called(string source)
    {
        var health = await Hypervisor.InspectAsync(new BaseImage(source), Token);
        Assert.Equal(HypervisorFault.ImageUnusable, health.Fault);

        var failure = await AssertRefusedAsync(new BaseImage(source));
        Assert.Equal(HypervisorFault.ImageUnusable, failure.Fault);
    }

    private async Task<HypervisorException> AssertRefusedAsync(BaseImage image)
    {
        var failure = await Assert.ThrowsAsync<HypervisorException>(
            () => Hypervisor.EnsureClonedAsync(Specify("refused") with { Image = image }, Token));

        Assert.True(failure.Fault is HypervisorFault.ImageUnusable or HypervisorFault.SnapshotMissing, failure.ToString());
        Assert.Empty(await Hypervisor.ListAsync(Token));
        AssertNoFilesLeft();
        return failure;
    }
}
