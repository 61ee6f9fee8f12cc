namespace Provisioner.Tests.Images;

public sealed class SetupOptionTests
{
    private static readonly string Sum = new('a', 64);

    public static TheoryData<string, string[]> Misuses => new()
    {
        { "give exactly one of --runner-version, --runner-url, --runner-file", ["--runner-sha256", Sum] },
        { "give exactly one of --runner-version, --runner-url, --runner-file", ["--runner-version", "2.3", "--runner-file", "x", "--runner-sha256", Sum] },
        { "--runner-sha256 is missing: nothing unchecked is unpacked", ["--runner-version", "2.336.0"] },
        { "--runner-sha256 is not hexadecimal", ["--runner-file", "x", "--runner-sha256", "xyz"] },
        { "--runner-sha256 has 3 digits, not 64", ["--runner-file", "x", "--runner-sha256", "abc"] },
        { "--runner-version 'latest' is not a version", ["--runner-version", "latest", "--runner-sha256", Sum] },
        { "--user 'root' will not do", ["--runner-file", "x", "--runner-sha256", Sum, "--user", "root"] },
        { "--runner-dir /opt would be emptied", ["--runner-file", "x", "--runner-sha256", Sum, "--runner-dir", "/opt"] },
        { "--runner-dir /home/: write it without", ["--runner-file", "x", "--runner-sha256", Sum, "--runner-dir", "/home/"] },
        { "holds something that is not a runner", ["--runner-file", "x", "--runner-sha256", Sum, "--runner-dir", "/usr/local"] },
        { "--runner-dir must be absolute", ["--runner-file", "x", "--runner-sha256", Sum, "--runner-dir", "opt/x"] },
        { "--runner-url needs a value", ["--runner-url"] },
        { "unknown option '--frobnicate'", ["--frobnicate"] },
    };

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Misuses))]
    public async Task A_wrong_option_is_named_and_nothing_is_done(string message, string[] arguments)
    {
        var setup = await Shell.RunAsync("sh", [Repository.File("images/linux/setup.sh"), .. arguments]);

        Assert.Equal(2, setup.ExitCode);
        Assert.Contains(message, setup.Output, StringComparison.Ordinal);
    }

    public static TheoryData<string, string[]> MisusesOnWindows => new()
    {
        { "give exactly one of -RunnerVersion, -RunnerUrl, -RunnerFile", ["-RunnerSha256", Sum] },
        { "give exactly one of -RunnerVersion, -RunnerUrl, -RunnerFile", ["-RunnerVersion", "2.3", "-RunnerFile", "x", "-RunnerSha256", Sum] },
        { "-RunnerSha256 is missing: nothing unchecked is unpacked", ["-RunnerVersion", "2.336.0"] },
        { "-RunnerSha256 is not hexadecimal", ["-RunnerFile", "x", "-RunnerSha256", "xyz"] },
        { "-RunnerSha256 has 3 digits, not 64", ["-RunnerFile", "x", "-RunnerSha256", "abc"] },
        { "-RunnerVersion 'latest' is not a version", ["-RunnerVersion", "latest", "-RunnerSha256", Sum] },
        { "-User 'SYSTEM' will not do", ["-RunnerFile", "x", "-RunnerSha256", Sum, "-RunnerDir", "/x", "-User", "SYSTEM"] },
        { "-RunnerDir / would be emptied", ["-RunnerFile", "x", "-RunnerSha256", Sum, "-RunnerDir", "/"] },
        { "-RunnerDir /home/: write it as /home", ["-RunnerFile", "x", "-RunnerSha256", Sum, "-RunnerDir", "/home/"] },
        { "holds something that is not a runner", ["-RunnerFile", "x", "-RunnerSha256", Sum, "-RunnerDir", "/usr/local"] },
        { "-RunnerDir must be absolute", ["-RunnerFile", "x", "-RunnerSha256", Sum, "-RunnerDir", "opt/x"] },
    };

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(MisusesOnWindows))]
    public async Task On_windows_too(string message, string[] arguments)
    {
        var setup = await PowerShell.RunAsync(Repository.File("images/windows/setup.ps1"), arguments);

        Assert.Equal(2, setup.ExitCode);
        Assert.Contains(message, setup.Output, StringComparison.Ordinal);
    }
}
