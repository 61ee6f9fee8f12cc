namespace Provisioner.Tests.Images;

/// <summary>The twin of <see cref="SetupTests"/>: the real setup.ps1, in the real PowerShell, with the folders of a Windows machine.</summary>
public sealed class SetupOnWindowsTests : IDisposable
{
    private readonly WindowsMachine _machine = new();

    [Fact(Timeout = 60_000)]
    public async Task A_bake_leaves_a_runner_a_task_and_no_identity_and_can_be_repeated()
    {
        var (file, sum) = _machine.Zip("run.cmd", "bin/Runner.Listener.exe", "bin/Runner.Listener.dll");
        string[] gone =
        [
            _machine.Write("actions-runner/run.cmd"), _machine.Write("actions-runner/.credentials"), _machine.Write("ProgramData/ssh/ssh_host_rsa_key"),
            _machine.Write("Windows/Panther/unattend.xml"), _machine.Write("ProgramData/gha/used"), _machine.Write("ProgramData/gha/phase"),
        ];

        var first = await BakeAsync("-RunnerUrl", $"file://{file}", "-RunnerSha256", sum);
        var second = await BakeAsync("-RunnerFile", file, "-RunnerSha256", sum.ToUpperInvariant());

        Assert.True(first.ExitCode == 0, first.Output);
        Assert.True(second.ExitCode == 0, second.Output);
        Assert.All(gone[1..], path => Assert.False(File.Exists(path), path));
        Assert.NotEqual("old", await File.ReadAllTextAsync(gone[0], TestContext.Current.CancellationToken));
        Assert.All(["configure.ps1", "channel.ps1", "guest.dll", "README.md"], name => Assert.True(File.Exists(_machine.InFolder($"ProgramFiles/gha/{name}")), name));
        Assert.Equal(["New-LocalUser runner", "Add-LocalGroupMember S-1-5-32-545 runner"], _machine.Calls.Where(call => call.Contains("Local", StringComparison.Ordinal)));
        Assert.Equal(2, _machine.Calls.Count(call => call == "bin/Runner.Listener.exe warmup"));
        Assert.Contains("wevtutil.exe cl System", _machine.Calls);
        Assert.Contains($"\"{_machine.InFolder("ProgramFiles")}/gha\\configure.ps1\"", _machine.Task, StringComparison.Ordinal);
        Assert.Equal([$"VBDP_RUNNER_DIR={_machine.RunnerFolder}", "VBDP_RUNNER_USER=runner"], (await SettingsAsync())[1..]);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_machine.InFolder("Temp"), "gha-*"));
    }

    [Fact(Timeout = 60_000)]
    public async Task What_was_baked_lives()
    {
        var (file, sum) = _machine.ZipWith(GuestFolder.GoodRunner, "run.cmd", "bin/Runner.Listener.exe");
        await BakeAsync("-RunnerFile", file, "-RunnerSha256", sum, "-User", Environment.UserName);
        using var host = new GuestOnVirtualBox();
        host.OfferConfiguration();
        var settings = host.Guest.Settings.Where(setting => !setting.Key.StartsWith("VBDP_RUNNER", StringComparison.Ordinal)).ToDictionary();
        settings["VBDP_SETTINGS"] = _machine.InFolder("ProgramData/gha/settings");

        await PowerShell.RunAsync(_machine.InFolder("ProgramFiles/gha/configure.ps1"), [], settings);

        Assert.Equal(["ready", "configuring", "online", "busy", "done"], host.Phases);
        Assert.Equal(host.Guest.Secret, await File.ReadAllTextAsync(Path.Combine(_machine.RunnerFolder, "received"), TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = 60_000)]
    public async Task The_settings_name_the_runner_once_and_keep_what_somebody_added()
    {
        var (file, sum) = _machine.Zip("run.cmd", "bin/Runner.Listener.exe");
        Directory.CreateDirectory(_machine.InFolder("ProgramData/gha"));
        await File.WriteAllTextAsync(_machine.InFolder("ProgramData/gha/settings"), "https_proxy=http://proxy\r\nVBDP_RUNNER_USER=old\r\n", TestContext.Current.CancellationToken);

        await BakeAsync("-RunnerFile", file, "-RunnerSha256", sum, "-User", "builder", "-Administrator");

        Assert.Equal(["https_proxy=http://proxy", $"VBDP_RUNNER_DIR={_machine.RunnerFolder}", "VBDP_RUNNER_USER=builder"], await SettingsAsync());
        Assert.Contains("Add-LocalGroupMember S-1-5-32-544 builder", _machine.Calls);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_file_with_another_checksum_is_not_unpacked()
    {
        var (file, sum) = _machine.Zip("run.cmd", "bin/Runner.Listener.exe");

        var setup = await BakeAsync("-RunnerFile", file, "-RunnerSha256", new string('a', 64));

        Assert.Equal(1, setup.ExitCode);
        Assert.Contains($"its SHA-256 is {sum}, expected was aaaa", setup.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_machine.RunnerFolder));
        Assert.Empty(_machine.Calls);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_machine.InFolder("Temp"), "gha-*"));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_file_that_is_no_runner_leaves_the_old_one_as_it_was()
    {
        var (file, sum) = _machine.Zip("readme");
        var old = _machine.Write("actions-runner/run.cmd");

        var setup = await BakeAsync("-RunnerFile", file, "-RunnerSha256", sum);

        Assert.Contains("the file is not a runner for Windows: it has no run.cmd", setup.Output, StringComparison.Ordinal);
        Assert.Equal("old", await File.ReadAllTextAsync(old, TestContext.Current.CancellationToken));
        Assert.False(Directory.Exists(_machine.RunnerFolder + ".new"));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("LEVEL", "S-1-16-8192", "must run as an administrator")]
    [InlineData("OS", "", "this is not Windows")]
    [InlineData("SERVICE", "actions.runner.octo-hello.vm", "a runner is registered as a service of this machine")]
    public async Task A_machine_that_will_not_do_is_left_alone(string setting, string value, string message)
    {
        var (file, sum) = _machine.Zip("run.cmd", "bin/Runner.Listener.exe");
        _machine.Settings[setting] = value;

        var setup = await BakeAsync("-RunnerFile", file, "-RunnerSha256", sum);

        Assert.Equal(1, setup.ExitCode);
        Assert.Contains(message, setup.Output, StringComparison.Ordinal);
        Assert.Empty(_machine.Calls);
        Assert.False(Directory.Exists(_machine.RunnerFolder));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_program_of_windows_that_fails_ends_the_bake_and_is_named()
    {
        var (file, sum) = _machine.Zip("run.cmd", "bin/Runner.Listener.exe");
        GuestFolder.WriteProgram(_machine.InFolder("bin/icacls.exe"), "echo 'Access is denied.'; exit 5");

        var setup = await BakeAsync("-RunnerFile", file, "-RunnerSha256", sum);

        Assert.Equal(1, setup.ExitCode);
        Assert.Contains("icacls.exe ended with code 5: Access is denied.", setup.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("done:", setup.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _machine.Dispose();

    private Task<string[]> SettingsAsync() => File.ReadAllLinesAsync(_machine.InFolder("ProgramData/gha/settings"), TestContext.Current.CancellationToken);

    private Task<Shell> BakeAsync(params string[] arguments) => _machine.SetupAsync([.. arguments, "-RunnerDir", _machine.RunnerFolder]);
}
