using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.Tests.VirtualBox;

public sealed class HardeningFlagsTests
{
    [Fact(Timeout = 10_000)]
    public void Only_7_0_and_later_are_given_the_options_that_came_with_it()
    {
        Assert.Contains("--nat-localhostreachable1", HardeningFlags.For(new(7, 0, 0)));
        Assert.DoesNotContain("--nat-localhostreachable1", HardeningFlags.For(new(6, 1, 50)));
        Assert.Contains("--draganddrop", HardeningFlags.For(new(6, 1, 50)));
    }

    [Theory(Timeout = 10_000)]
    [InlineData(6, 1)]
    [InlineData(7, 0)]
    [InlineData(7, 2)]
    public void No_option_is_given_twice_and_none_without_a_value(int major, int minor)
    {
        var flags = HardeningFlags.For(new(major, minor, 0)).Chunk(2).ToList();

        Assert.All(flags, flag => Assert.True(flag.Length == 2 && flag[0].StartsWith("--", StringComparison.Ordinal)));
        Assert.Equal(flags.Count, flags.Select(flag => flag[0]).Distinct().Count());
    }
}
