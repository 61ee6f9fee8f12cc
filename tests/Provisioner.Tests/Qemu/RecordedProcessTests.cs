using System.Diagnostics;
using System.Globalization;
using Provisioner.Hypervisors.Qemu;

namespace Provisioner.Tests.Qemu;

public sealed class RecordedProcessTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("vbdp-pids-").FullName;

    public RecordedProcessTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Processes are found in /proc.");

    private string PidFile => Path.Combine(folder, "pid");

    [Fact(Timeout = 10_000)]
    public async Task A_process_that_names_its_pid_file_is_found_and_killed()
    {
        using var process = Start(PidFile);
        Record(process.Id);

        using var found = RecordedProcess.Find(PidFile)!;
        found.Kill();

        Assert.Equal(process.Id, found.Id);
        Assert.True(await found.AwaitExitAsync(TimeSpan.FromSeconds(5), TimeProvider.System, TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Null(RecordedProcess.Find(PidFile));
    }

    [Fact]
    public void A_process_that_was_given_the_pid_of_ours_is_not_ours()
    {
        using var stranger = Start(PidFile + "-of-another");
        Record(stranger.Id);

        Assert.Null(RecordedProcess.Find(PidFile));
        Assert.False(stranger.HasExited);
        stranger.Kill();
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("not a number")]
    [InlineData("99999999999999999999")]
    [InlineData("2147483647")]
    public void Whatever_a_pid_file_says_only_ours_is_found(string content)
    {
        File.WriteAllText(PidFile, content);

        Assert.Null(RecordedProcess.Find(PidFile));
    }

    [Fact]
    public void Without_a_pid_file_there_is_no_process() => Assert.Null(RecordedProcess.Find(PidFile));

    public void Dispose() => Directory.Delete(folder, recursive: true);

    // The shell keeps its arguments in its command line, as QEMU does.
    private static Process Start(string pidFile) => Process.Start("sh", ["-c", "sleep 60; :", "-pidfile", pidFile]);

    private void Record(int pid) => File.WriteAllText(PidFile, pid.ToString(CultureInfo.InvariantCulture) + "\n");
}
