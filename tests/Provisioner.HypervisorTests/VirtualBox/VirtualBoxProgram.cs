using Provisioner.Hypervisors;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>A VBoxManage that is missing, hangs, or fails.</summary>
public sealed class VirtualBoxProgram
{
    private const int Patience = 120_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = Patience)]
    public async Task A_missing_program_is_named_with_the_remedy()
    {
        using var box = new FakeVirtualBox();
        box.Options.Program = "/nowhere/VBoxManage";
        await using var hypervisor = box.Open();

        var failure = await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.ListAsync(Token));
        var health = await hypervisor.CheckAsync(Token);

        Assert.Equal(HypervisorFault.ProgramMissing, failure.Fault);
        Assert.Contains("/nowhere/VBoxManage", failure.Message, StringComparison.Ordinal);
        Assert.False(health.CanStart);
        Assert.Null(health.Version);
    }

    [Theory(Timeout = Patience)]
    [InlineData("yes", true, "VirtualBox 7.2.22")]
    [InlineData("no", false, "another hypervisor holds it")]
    public async Task A_processor_whose_virtualisation_is_not_to_be_had_is_named_with_the_remedy(string virtualisation, bool canStart, string explanation)
    {
        using var box = new FakeVirtualBox { Virtualisation = virtualisation };
        box.Options.KernelDriver = FakeVirtualBox.Program; // any file: the driver is loaded
        await using var hypervisor = box.Open();

        var health = await hypervisor.CheckAsync(Token);

        Assert.Equal(canStart, health.CanStart);
        Assert.Contains(explanation, health.Detail, StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task It_gets_nothing_of_the_servers_environment_but_what_it_needs()
    {
        using var box = new FakeVirtualBox();
        box.Script($"tr '\\0' '\\n' < /proc/$$/environ > \"$VBOX_USER_HOME/environment\"; exec '{FakeVirtualBox.Program}' \"$@\"");
        await using var hypervisor = box.Open();
        Environment.SetEnvironmentVariable("VBDP_GITHUB__TOKEN", "ghp_canary");
        try
        {
            await hypervisor.ListAsync(Token);
        }
        finally
        {
            Environment.SetEnvironmentVariable("VBDP_GITHUB__TOKEN", null);
        }

        var variables = box.Lines("environment");
        string[] kept = ["PATH", "HOME", "TMPDIR", "USER", "LOGNAME", "XDG_CONFIG_HOME", "LANG", "LC_ALL"];
        Assert.DoesNotContain(variables, variable => variable.Contains("canary", StringComparison.Ordinal));
        Assert.Empty(variables.Select(variable => variable.Split('=')[0]).Where(name => !name.StartsWith("VBOX_", StringComparison.Ordinal)).Except(kept));
        Assert.Contains($"VBOX_USER_HOME={box.Options.UserHome}", variables);
        Assert.Contains($"PATH={Environment.GetEnvironmentVariable("PATH")}", variables);
    }

    [Fact(Timeout = Patience)]
    public async Task A_program_that_hangs_is_ended_with_its_children_and_said_to_be_late()
    {
        using var box = new FakeVirtualBox();
        box.Script("sleep 600 & echo $! >> \"$VBOX_USER_HOME/pids\"; wait");
        box.Options.Deadline = TimeSpan.FromMilliseconds(500);
        await using var hypervisor = box.Open();

        var failure = await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.ListAsync(Token));

        Assert.Equal(HypervisorFault.TimedOut, failure.Fault);
        // The test's own timeout fails it when the child lives on.
        foreach (var pid in box.Lines("pids"))
        {
            await EndAsync(pid);
        }
    }

    [Fact(Timeout = Patience)]
    public async Task A_program_that_ignores_the_request_to_end_is_killed()
    {
        using var box = new FakeVirtualBox();
        box.Script("trap '' TERM; while :; do sleep 0.1; done");
        box.Options.Deadline = TimeSpan.FromMilliseconds(500);
        await using var hypervisor = box.Open();

        var failure = await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.ListAsync(Token));

        Assert.Equal(HypervisorFault.TimedOut, failure.Fault);
    }

    [Fact(Timeout = Patience)]
    public async Task A_clone_that_hangs_after_its_work_is_found_and_not_made_again()
    {
        using var box = new FakeVirtualBox();
        box.Script($"'{FakeVirtualBox.Program}' \"$@\"; case $1 in clonevm) sleep 600 ;; esac");
        box.Options.Deadline = TimeSpan.FromSeconds(3);
        await using var hypervisor = box.Open();

        await hypervisor.EnsureClonedAsync(Specify("one"), Token);

        Assert.Equal([new SeenVm(VmId.Parse("one"), VmPower.Off)], await hypervisor.ListAsync(Token));
        Assert.Single(box.Calls.Split('\n'), call => call.StartsWith("clonevm", StringComparison.Ordinal));
    }

    [Theory(Timeout = Patience)]
    [InlineData("modifyvm")]
    [InlineData("registervm")]
    public async Task A_clone_that_fails_half_way_is_removed_again(string failing)
    {
        using var box = new FakeVirtualBox();
        box.Script($"[ \"$1\" != {failing} ] || {{ echo 'VBoxManage: error: no' >&2; exit 1; }}; exec '{FakeVirtualBox.Program}' \"$@\"");
        await using var hypervisor = box.Open();

        await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureClonedAsync(Specify("one"), Token));

        Assert.Empty(await hypervisor.ListAsync(Token));
        Assert.Empty(Directory.EnumerateFileSystemEntries(box.Options.MachineFolder));
    }

    [Theory(Timeout = Patience)]
    [InlineData("echo 'VBoxManage: error: Failed to create the VirtualBox object!' >&2; exit 1")]
    [InlineData("echo 'VBoxManage: warning: Failed to load API language: NS_ERROR_INVALID_ARG' >&2; ulimit -c 0; kill -SEGV $$")]
    public async Task A_call_that_did_not_reach_the_service_is_repeated(string end)
    {
        using var box = new FakeVirtualBox();
        box.Script($"[ -e \"$VBOX_USER_HOME/$1\" ] || {{ touch \"$VBOX_USER_HOME/$1\"; {end}; }}; exec '{FakeVirtualBox.Program}' \"$@\"");
        await using var hypervisor = box.Open();

        await hypervisor.EnsureClonedAsync(Specify("one"), Token);

        Assert.Equal([new SeenVm(VmId.Parse("one"), VmPower.Off)], await hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task A_clone_whose_service_ended_under_it_is_made_again()
    {
        using var box = new FakeVirtualBox();
        box.Script(
            $"[ \"$1\" != clonevm ] || [ -e \"$VBOX_USER_HOME/once\" ] || {{ touch \"$VBOX_USER_HOME/once\"; echo 'VBoxManage: error: Clone VM failed' >&2; echo 'VBoxManage: error: Code NS_ERROR_ABORT (0x80004004) - Operation aborted (extended info not available)' >&2; exit 1; }}; exec '{FakeVirtualBox.Program}' \"$@\"");
        await using var hypervisor = box.Open();

        await hypervisor.EnsureClonedAsync(Specify("one"), Token);

        Assert.Equal([new SeenVm(VmId.Parse("one"), VmPower.Off)], await hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task A_program_that_floods_is_read_to_its_end_and_kept_in_bounds()
    {
        using var box = new FakeVirtualBox();
        box.Script("head -c 100000000 /dev/zero; head -c 100000000 /dev/zero >&2");
        await using var hypervisor = box.Open();

        Assert.Empty(await hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task A_failed_delivery_does_not_repeat_the_secret()
    {
        using var box = new FakeVirtualBox();
        box.Script($"case $1 in @*) echo \"VBoxManage: error: $(cat \"${{1#@}}\")\" >&2; exit 1 ;; esac; exec '{FakeVirtualBox.Program}' \"$@\"");
        await using var hypervisor = box.Open();
        await hypervisor.EnsureClonedAsync(Specify("one"), Token);
        await hypervisor.EnsureStartedAsync(VmId.Parse("one"), Token);

        var failure = await Assert.ThrowsAsync<HypervisorException>(
            () => hypervisor.ConfigureAsync(VmId.Parse("one"), new GuestConfiguration("Q0FOQVJZ"), Token));

        Assert.DoesNotContain("Q0FOQVJZ", failure.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(box.Options.SecretFolder));
    }

    private static async Task EndAsync(string pid)
    {
        while (File.Exists($"/proc/{pid}/stat") && !(await File.ReadAllTextAsync($"/proc/{pid}/stat", Token)).Contains(") Z ", StringComparison.Ordinal))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }
    }

    private static VmSpecification Specify(string id) => new()
    {
        Id = VmId.Parse(id), Image = new BaseImage("base"), Label = id, Owner = "acme", Repository = "widgets",
    };
}
