using Provisioner.Hypervisors.Qemu;

namespace Provisioner.Tests.Qemu;

public sealed class QemuOptionsTests
{
    [Fact]
    public void The_defaults_are_good() => Assert.Empty(new QemuOptions().FindProblems());

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once()
    {
        var options = new QemuOptions
        {
            Folder = "relative",
            DefaultCpus = 0,
            DefaultMemoryMegabytes = 1,
            FreeSpaceReserveMegabytes = -1,
            Deadline = TimeSpan.Zero,
            Forwards = ["nonsense"],
        };

        Assert.Equal(7, options.FindProblems().Count);
    }

    [Theory]
    [InlineData("10.0.2.100:8081=127.0.0.1:8081", true)]
    [InlineData("10.0.2.4:1=192.0.2.1:65535", true)]
    [InlineData("10.0.2.2:8081=127.0.0.1:8081", false)]
    [InlineData("10.0.2.15:8081=127.0.0.1:8081", false)]
    [InlineData("10.0.3.100:8081=127.0.0.1:8081", false)]
    [InlineData("10.0.2.100=127.0.0.1:8081", false)]
    [InlineData("10.0.2.100:8081=127.0.0.1", false)]
    [InlineData("10.0.2.100:8081=127.0.0.1:0", false)]
    [InlineData("10.0.2.100:8081=localhost:8081", false)]
    [InlineData("10.0.2.100:8081=[::1]:8081", false)]
    [InlineData("10.0.2.100:8081=127.0.0.1:8081;touch /tmp/x", false)]
    [InlineData("10.0.2.100:8081=127.0.0.1:8081,restrict=off", false)]
    [InlineData("10.0.2.100:8081=1.2.3.4:5=6", false)]
    [InlineData("", false)]
    public void A_forward_is_two_addresses_and_nothing_else(string text, bool valid) =>
        Assert.Equal(valid, GuestForward.TryParse(text, out _));
}
