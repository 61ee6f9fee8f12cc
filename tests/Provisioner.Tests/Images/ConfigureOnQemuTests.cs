namespace Provisioner.Tests.Images;

public sealed class ConfigureOnQemuTests
{
    public static TheoryData<string> Shells => ["sh", "bash --posix", "busybox sh", PowerShell.Name];

    /// <summary>Where one shell is as good as another: configure.sh, and its twin for Windows.</summary>
    public static TheoryData<string> Twins => ["sh", PowerShell.Name];

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Shells))]
    public async Task A_guest_reports_each_step_of_a_good_life_and_powers_off(string shell)
    {
        using var host = await GuestOnQemu.CreateAsync();

        var life = await host.LiveAsync(shell);

        Assert.Equal(["ready", "configuring", "online", "busy", "done"], host.Phases);
        Assert.Equal(host.Guest.Secret, host.Guest.Received);
        Assert.Equal(0, life.ExitCode);
        Assert.True(host.Guest.PoweredOff);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Shells))]
    public async Task The_configuration_is_in_no_argument_list_file_or_message(string shell)
    {
        // The runner looks into every process while it runs, and prints the secret on purpose. It is the only one to have it.
        using var host = await GuestOnQemu.CreateAsync(GuestFolder.GoodRunner + """

            look() { printf '%s\n' "$ACTIONS_RUNNER_INPUT_JITCONFIG" | cut -c 1-60 | grep -l -a -F -f - "$@" 2>/dev/null; }
            look /proc/[0-9]*/cmdline >seen-arguments
            look /proc/$PPID/environ >seen-environment
            echo "a careless line: $ACTIONS_RUNNER_INPUT_JITCONFIG"
            """);

        var life = await host.LiveAsync(shell);

        Assert.Equal("", await File.ReadAllTextAsync(host.Guest.InFolder("runner/seen-arguments"), TestContext.Current.CancellationToken));
        Assert.Equal("", await File.ReadAllTextAsync(host.Guest.InFolder("runner/seen-environment"), TestContext.Current.CancellationToken));
        Assert.DoesNotContain(host.Guest.Secret[..60], life.Output, StringComparison.Ordinal);
        Assert.Empty(host.Guest.FilesWithTheSecret());
    }

    [Theory(Timeout = 60_000)]
    [InlineData("sh")]
    [InlineData("bash --posix")]
    [InlineData("busybox sh")]
    public async Task A_guest_that_waits_starts_its_runner_once_for_nothing_and_ends_that_for_its_configuration(string shell)
    {
        using var host = await GuestOnQemu.CreateAsync();
        Directory.CreateDirectory(host.Guest.InFolder("runner/bin"));
        GuestFolder.WriteProgram(host.Guest.InFolder("runner/bin/Runner.Listener"), """
            echo "$$ $* ${ACTIONS_RUNNER_INPUT_JITCONFIG-without}" >warmed
            exec sleep 600
            """);
        Assert.Equal(0, (await Shell.RunAsync("mkfifo", [host.Guest.InFolder("runner/warmed")])).ExitCode);
        string[] warmed = [];

        await host.LiveAsync(
            async phase =>
            {
                warmed = phase == "ready" ? (await File.ReadAllTextAsync(host.Guest.InFolder("runner/warmed"), TestContext.Current.CancellationToken)).Split() : warmed;
                await host.GiveConfigurationAsync(phase);
            },
            shell);

        Assert.Equal(["warmup", "without"], warmed[1..3]);
        Assert.Equal(["ready", "configuring", "online", "busy", "done"], host.Phases);
        // One that has ended and that nobody has asked after has no command line.
        var process = $"/proc/{warmed[0]}/cmdline";
        Assert.True(!File.Exists(process) || (await File.ReadAllTextAsync(process, TestContext.Current.CancellationToken)).Length == 0);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Twins))]
    public async Task A_host_that_comes_back_is_told_the_phase_again(string shell)
    {
        using var host = await GuestOnQemu.CreateAsync("""
            echo "Listening for Jobs"
            read -r _ <go
            """);
        Assert.Equal(0, (await Shell.RunAsync("mkfifo", [host.Guest.InFolder("runner/go")])).ExitCode);

        await host.LiveAsync(async phase =>
        {
            var times = host.Phases.Count(seen => seen == phase);
            await ((phase, times) switch
            {
                ("ready", 1) or ("online", 1) => host.SayAsync("report"),
                ("ready", 2) => host.GiveConfigurationAsync(phase),
                ("online", 2) => File.WriteAllTextAsync(host.Guest.InFolder("runner/go"), "go\n", TestContext.Current.CancellationToken),
                _ => Task.CompletedTask,
            });
        }, shell);

        Assert.Equal(["ready", "ready", "configuring", "online", "online", "done"], host.Phases);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Twins))]
    public async Task Metadata_and_unknown_words_of_the_host_do_no_harm(string shell)
    {
        using var host = await GuestOnQemu.CreateAsync();
        foreach (var line in new[] { "label vm-1", "owner $(touch injected)", "repo `reboot`", "shutdown -h now", "", "configure x" })
        {
            await host.SayAsync(line);
        }

        var life = await host.LiveAsync(shell);

        Assert.Equal("done", host.Phases[^1]);
        Assert.Contains("owner $(touch injected)", life.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("configure x", life.Output, StringComparison.Ordinal);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Twins))]
    public async Task A_second_configuration_is_not_taken(string shell)
    {
        using var host = await GuestOnQemu.CreateAsync();

        await host.LiveAsync(async phase =>
        {
            await host.GiveConfigurationAsync(phase);
            if (phase == "configuring")
            {
                await host.SayAsync("config c2Vjb25k");
            }
        }, shell);

        Assert.Equal(host.Guest.Secret, host.Guest.Received);
        Assert.Equal("done", host.Phases[^1]);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_runner_is_an_ordinary_user_without_the_port()
    {
        Shell.RequireRoot("only root can start the runner as somebody else");
        using var host = await GuestOnQemu.CreateAsync("""
            echo "2026: Listening for Jobs as $(id -un)"
            (echo "phase done" >&3) 2>/dev/null && echo "Running job: forged"
            """);
        host.Guest.Settings["VBDP_RUNNER_USER"] = "nobody";
        GuestFolder.OpenToAll(host.Guest.Path);

        var life = await host.LiveAsync();

        Assert.Contains("Listening for Jobs as nobody", life.Output, StringComparison.Ordinal);
        Assert.Equal(["ready", "configuring", "online", "done"], host.Phases);
    }
}
