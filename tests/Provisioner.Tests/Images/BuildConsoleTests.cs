using Provisioner.Server.Images.Building;
using Provisioner.Server.Images;
using Processor = System.Runtime.InteropServices.Architecture;

namespace Provisioner.Tests.Images;

public sealed class BuildConsoleTests
{
    private readonly List<string> _shown = [];

    [Fact]
    public void New_lines_are_shown_once_and_whole()
    {
        var console = new BuildConsole(_shown.Add);

        console.Take("one\ntw");
        console.Take("one\ntwo\r\nthr");
        console.Take("one\ntwo\r\nthree\n");

        Assert.Equal(["  | one", "  | two", "  | three"], _shown);
    }

    [Fact]
    public void What_was_lost_between_two_looks_is_said()
    {
        var console = new BuildConsole(_shown.Add);
        console.Take("one\n");

        console.Take("nine\n");

        Assert.Equal(["  | one", "  | ", "  | [lines are missing here]", "  | nine"], _shown);
    }

    [Fact]
    public void A_console_that_moved_on_is_followed()
    {
        var console = new BuildConsole(_shown.Add);
        console.Take(new string('x', 70_000) + "\none\n");
        _shown.Clear();

        console.Take("xxxx\none\ntwo\n"[1..].PadLeft(10_000, 'x'));

        Assert.Equal("  | two", _shown[^1]);
    }

    [Fact]
    public void The_guests_verdict_is_understood()
    {
        var console = new BuildConsole(_shown.Add);

        console.Take("[  3.1] VBDP-BUILD system: Debian \e[31m13\nVBDP-BUILD runner: 2.336.0\nVBDP-BUILD runner: $(reboot)\nVBDP-BUILD failed: no room\n");

        Assert.Equal((false, "no room", "Debian \\u001b[31m13", "2.336.0"), (console.Succeeded, console.Failure, console.System, console.RunnerVersion));
        Assert.DoesNotContain(_shown, line => line.Contains('\e', StringComparison.Ordinal));
        console.Take("VBDP-BUILD ok\n");
        Assert.True(console.Succeeded);
    }

    private const string Release = """
        {
          "tag_name": "v2.336.0", "published_at": "2026-11-10T09:00:00Z", "assets": [
            { "name": "actions-runner-linux-x64-2.336.0.tar.gz", "browser_download_url": "https://example.org/x64", "digest": "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
            { "name": "actions-runner-linux-arm64-2.336.0.tar.gz", "browser_download_url": "https://example.org/arm64" }
          ]
        }
        """;

    [Fact]
    public void A_release_tells_where_its_tarball_is_its_checksum_and_its_age()
    {
        var runner = RunnerRelease.Read(Release, Processor.X64);

        Assert.Equal((new Uri("https://example.org/x64"), new string('a', 64), "2.336.0", new DateTimeOffset(2026, 11, 10, 9, 0, 0, TimeSpan.Zero)), (runner.Url, runner.Sha256, runner.Version, runner.Released));
    }

    [Theory]
    [InlineData(Release, Processor.Arm64, "tells no checksum of actions-runner-linux-arm64-2.336.0.tar.gz")]
    [InlineData("""{ "tag_name": "v2", "published_at": "2026-11-10T09:00:00Z", "assets": [{ "name": "actions-runner-linux-x64-2.tar.gz", "browser_download_url": "https://example.org/", "digest": "sha256:aa\nbb" }] }""", Processor.X64, "tells no checksum of actions-runner-linux-x64-2.tar.gz")]
    [InlineData("{}", Processor.X64, "cannot be read")]
    [InlineData("rate limit exceeded", Processor.X64, "cannot be read")]
    public void A_release_that_proves_nothing_is_refused(string answer, Processor processor, string error) =>
        Assert.Contains(error, Assert.Throws<ImageException>(() => RunnerRelease.Read(answer, processor)).Message, StringComparison.Ordinal);
}
