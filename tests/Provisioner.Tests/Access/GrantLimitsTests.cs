using Provisioner.Server.Access;

namespace Provisioner.Tests.Access;

/// <summary>What goes beyond a grant is named, with what is allowed.</summary>
public sealed class GrantLimitsTests
{
    private static readonly GrantLimits Limits = new()
    {
        Images = ["debian-12", "gpu-12"], Cpus = 4, Memory = 4096, Disk = 65536, Lifetime = TimeSpan.FromHours(1), Hardware = ["gpu0"], Labels = ["linux"],
    };

    private static readonly Wish Most = new("gpu-12") { Cpus = 4, Memory = 4096, Disk = 65536, Lifetime = TimeSpan.FromHours(1), Hardware = ["gpu0"], Labels = ["Linux"] };

    [Fact]
    public void All_that_is_allowed_can_be_had() => Assert.Empty(Limits.Excess(Most));

    [Fact]
    public void Without_limits_anything_can_be_asked_for() =>
        Assert.Empty(GrantLimits.None.Excess(new Wish("any") { Cpus = 99, Disk = int.MaxValue, Lifetime = TimeSpan.MaxValue, Hardware = ["a"], Labels = ["b"] }));

    [Fact]
    public void Everything_that_is_too_much_is_said_at_once() => Assert.Equal(
        [
            ("image", "'windows' is not allowed; allowed: debian-12, gpu-12."),
            ("cpus", "5 is too much; allowed: 1 to 4."),
            ("memory", "4097 is too much; allowed: 128 to 4096 MiB."),
            ("disk", "65537 is too much; allowed: 1 to 65536 MiB."),
            ("lifetime", "01:00:01 is too long; allowed: 00:01:00 to 01:00:00."),
            ("labels", "Not allowed: gpu; allowed: linux."),
        ],
        Limits.Excess(new Wish("windows") { Cpus = 5, Memory = 4097, Disk = 65537, Lifetime = new TimeSpan(1, 0, 1), Labels = ["linux", "gpu"] }));

    [Fact]
    public void An_image_that_holds_hardware_needs_a_grant_of_it() => Assert.Equal(
        [("image", "'gpu-12' holds the hardware gpu1, sgx, which is not allowed; allowed: gpu0.")],
        Limits.Excess(Most with { Hardware = ["gpu0", "gpu1", "sgx"] }));

    [Fact]
    public void A_size_that_nobody_says_is_not_taken_for_a_small_one() => Assert.Equal(
        [("cpus", "Say how much: the image does not. Allowed: 1 to 4."), ("memory", "Say how much: the image does not. Allowed: 128 to 4096 MiB.")],
        Limits.Excess(Most with { Cpus = null, Memory = null }));

    [Fact]
    public void A_disk_that_nobody_says_is_the_images_own_and_is_allowed_with_it() => Assert.Empty(Limits.Excess(Most with { Disk = null }));

    [Fact]
    public void A_life_that_nobody_says_is_never_longer_than_allowed()
    {
        Assert.Equal(TimeSpan.FromHours(1), Limits.Shorten(TimeSpan.FromHours(2)));
        Assert.Equal(TimeSpan.FromMinutes(5), Limits.Shorten(TimeSpan.FromMinutes(5)));
        Assert.Equal(TimeSpan.FromHours(2), GrantLimits.None.Shorten(TimeSpan.FromHours(2)));
    }
}
