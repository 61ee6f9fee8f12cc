namespace Provisioner.Tests.Images;

public sealed class ConfigureFailureTests
{
    private const int Reported = 70;

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(ConfigureOnQemuTests.Twins), MemberType = typeof(ConfigureOnQemuTests))]
    public async Task A_runner_that_never_comes_online_fails_with_its_last_words_but_no_secret(string shell)
    {
        using var host = await GuestOnQemu.CreateAsync("""
            echo "An error occurred: Not configured, token AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            exit 1
            """);

        var life = await host.LiveAsync(shell);

        Assert.Equal("failed: the runner ended (exit 1) before it was online: An error occurred: Not configured, token ***", host.Phases[^1]);
        Assert.Equal(Reported, life.ExitCode);
        Assert.True(host.Guest.PoweredOff);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(ConfigureOnQemuTests.Twins), MemberType = typeof(ConfigureOnQemuTests))]
    public async Task A_configuration_that_does_not_come_in_time_is_a_failure(string shell)
    {
        using var host = await GuestOnQemu.CreateAsync();
        host.Guest.Settings["VBDP_CONFIG_TIMEOUT"] = "1";

        await host.LiveAsync(_ => Task.CompletedTask, shell);

        Assert.Equal(["ready", "failed: no configuration came within 1 seconds"], host.Phases);
        Assert.True(host.Guest.PoweredOff);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(ConfigureOnQemuTests.Twins), MemberType = typeof(ConfigureOnQemuTests))]
    public async Task A_runner_that_cannot_reach_its_service_in_time_is_a_failure(string shell)
    {
        using var host = await GuestOnQemu.CreateAsync("exec sleep 5");
        host.Guest.Settings["VBDP_ONLINE_TIMEOUT"] = "1";

        await host.LiveAsync(shell);

        Assert.Equal(["ready", "configuring", "failed: the runner was not online within 1 seconds"], host.Phases);
        Assert.True(host.Guest.PoweredOff);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(ConfigureOnQemuTests.Twins), MemberType = typeof(ConfigureOnQemuTests))]
    public async Task A_guest_that_is_started_again_does_not_get_a_second_life(string shell)
    {
        using var host = await GuestOnQemu.CreateAsync();
        await host.LiveAsync(shell);
        host.Phases.Clear();

        await host.LiveAsync(shell);

        Assert.Equal(["failed: this guest was started again after it had taken its configuration"], host.Phases);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("not base64!", "sh")]
    [InlineData("$(reboot)", "sh")]
    [InlineData("not base64!", PowerShell.Name)]
    [InlineData("$(reboot)", PowerShell.Name)]
    public async Task A_damaged_configuration_is_refused_and_not_shown(string configuration, string shell)
    {
        using var host = await GuestOnQemu.CreateAsync();

        var life = await host.LiveAsync(seen => seen == "ready" ? host.SayAsync($"config {configuration}") : Task.CompletedTask, shell);

        Assert.Equal("failed: the configuration is not base64: its transport was damaged", host.Phases[^1]);
        Assert.DoesNotContain(configuration, life.Output, StringComparison.Ordinal);
        Assert.Null(host.Guest.Received);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(ConfigureOnQemuTests.Twins), MemberType = typeof(ConfigureOnQemuTests))]
    public async Task An_image_without_a_runner_says_so_before_it_is_waited_for(string shell)
    {
        using var host = await GuestOnQemu.CreateAsync();
        File.Delete(host.Guest.InFolder("runner/run.sh"));
        File.Delete(host.Guest.InFolder("runner/run.cmd"));

        await host.LiveAsync(shell);

        Assert.Contains($"was this image baked with setup.{(shell == "sh" ? "sh" : "ps1")}?", Assert.Single(host.Phases), StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task An_image_without_the_runners_user_says_so_before_it_is_waited_for()
    {
        Shell.RequireRoot("only root can start the runner as somebody else");
        using var host = await GuestOnQemu.CreateAsync();
        host.Guest.Settings["VBDP_RUNNER_USER"] = "nobody-of-this-name";

        await host.LiveAsync();

        Assert.Equal("failed: no user 'nobody-of-this-name': was this image baked with setup.sh?", Assert.Single(host.Phases));
    }

    [Theory(Timeout = 60_000)]
    [InlineData(".runner", "sh")]
    [InlineData(".credentials", "sh")]
    [InlineData(".runner", PowerShell.Name)]
    [InlineData(".credentials", PowerShell.Name)]
    public async Task An_image_with_a_registration_inside_says_so(string file, string shell)
    {
        using var host = await GuestOnQemu.CreateAsync();
        await File.WriteAllTextAsync(host.Guest.InFolder($"runner/{file}"), "{}", TestContext.Current.CancellationToken);

        await host.LiveAsync(shell);

        Assert.Contains($"holds the registration of a runner ({host.Guest.InFolder("runner")}/{file})", Assert.Single(host.Phases), StringComparison.Ordinal);
        Assert.True(host.Guest.PoweredOff);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(ConfigureOnQemuTests.Twins), MemberType = typeof(ConfigureOnQemuTests))]
    public async Task What_a_job_leaves_running_does_not_keep_the_machine_up(string shell)
    {
        using var host = await GuestOnQemu.CreateAsync(GuestFolder.GoodRunner + "\nsleep 20 &");

        await host.LiveAsync(shell);

        Assert.Equal("done", host.Phases[^1]);
        Assert.True(host.Guest.PoweredOff);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(ConfigureOnQemuTests.Twins), MemberType = typeof(ConfigureOnQemuTests))]
    public async Task A_service_that_failed_for_good_is_reported(string shell)
    {
        using var host = await GuestOnQemu.CreateAsync();

        var life = await host.Guest.ConfigureAsync(shell, shell == "sh" ? "--failed" : "-Failed", "three times");

        Assert.Equal("phase failed: three times", await host.ReadAsync());
        Assert.Equal(Reported, life.ExitCode);
        Assert.True(host.Guest.PoweredOff);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(ConfigureOnQemuTests.Twins), MemberType = typeof(ConfigureOnQemuTests))]
    public async Task A_machine_that_nobody_provisioned_is_left_alone(string shell)
    {
        using var guest = new GuestFolder();

        var life = await guest.ConfigureAsync(shell);

        Assert.Equal(0, life.ExitCode);
        Assert.Contains("nobody provisioned this machine", life.Output, StringComparison.Ordinal);
        Assert.False(guest.PoweredOff);
    }
}
