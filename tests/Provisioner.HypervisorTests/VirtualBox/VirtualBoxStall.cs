using Provisioner.Hypervisors;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>VBoxManage sometimes hangs for ten seconds after its work is done, and keeps its results to itself until then. Here it hangs for ever.</summary>
public sealed class VirtualBoxStall : IDisposable
{
    private const int Patience = 60_000;

    private readonly FakeVirtualBox box = new();
    private readonly VmId id = VmId.Parse("one");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // The changes that a life consists of.
    private string[] Changes => [.. box.Calls.Split('\n').Select(call => call.Split(' ')[0])
        .Where(verb => verb is "clonevm" or "registervm" or "modifyvm" or "startvm" or "controlvm" or "unregistervm")];

    public void Dispose() => box.Dispose();

    [Fact(Timeout = Patience)]
    public async Task No_change_is_waited_for_after_its_work_and_none_is_repeated()
    {
        // The test's own timeout fails it when anybody waits.
        Hang("clonevm* | registervm* | modifyvm* | startvm* | controlvm* | unregistervm*");
        await using (var hypervisor = box.Open())
        {
            await hypervisor.EnsureClonedAsync(Specify(), Token);
            await hypervisor.EnsureStartedAsync(id, Token);
            await hypervisor.EnsureGoneAsync(id, Token);
            Assert.Empty(await hypervisor.ListAsync(Token));
        }

        // A machine that runs is not unregistered, so that this is asked for twice.
        Assert.Equal(["clonevm", "registervm", "modifyvm", "startvm", "unregistervm", "controlvm", "unregistervm"], Changes);
    }

    [Fact(Timeout = Patience)]
    public async Task What_hangs_is_ended_with_the_driver()
    {
        Hang("clonevm*");
        await using (var hypervisor = box.Open())
        {
            await hypervisor.EnsureClonedAsync(Specify(), Token);
        }

        Assert.NotEmpty(box.Lines("pids"));
        Assert.All(box.Lines("pids"), pid => Assert.False(Runs(pid)));
    }

    [Fact(Timeout = Patience)]
    public async Task What_is_read_is_read_by_another_call()
    {
        box.Script($"[ -e \"$VBOX_USER_HOME/$1-$2\" ] || {{ touch \"$VBOX_USER_HOME/$1-$2\"; sleep 600; }}; exec '{FakeVirtualBox.Program}' \"$@\"");
        await using var hypervisor = box.Open();

        Assert.Empty(await hypervisor.ListAsync(Token));
        Assert.True((await hypervisor.InspectAsync(new BaseImage("base"), Token)).IsUsable);
    }

    [Fact(Timeout = Patience)]
    public async Task A_call_that_takes_its_time_is_not_taken_for_one_that_hangs()
    {
        box.Script($"echo VBoxSVCWatcher > /proc/$$/comm; sleep 2; '{FakeVirtualBox.Program}' \"$@\"");
        await using var hypervisor = box.Open();

        await hypervisor.InspectAsync(new BaseImage("base"), Token);

        Assert.Equal(["list vms ", $"showvminfo {FakeVirtualBox.Base} --machinereadable ", ""], box.Calls.Split('\n'));
    }

    [Fact(Timeout = Patience)]
    public async Task A_wait_that_hangs_after_a_report_is_renewed()
    {
        box.Script($"case $2 in wait) echo VBoxSVCWatcher > /proc/$$/comm; '{FakeVirtualBox.Program}' \"$@\" > \"$VBOX_USER_HOME/kept\"; echo bash > /proc/$$/comm; sleep 600 ;; *) exec '{FakeVirtualBox.Program}' \"$@\" ;; esac");
        box.Options.WaitRenewal = TimeSpan.FromSeconds(30);
        await using var hypervisor = box.Open();
        await using var watch = hypervisor.WatchAsync(Token).GetAsyncEnumerator(Token);
        await hypervisor.EnsureClonedAsync(Specify(), Token);
        await hypervisor.EnsureStartedAsync(id, Token);

        foreach (var phase in (GuestPhase[])[GuestPhase.Ready, GuestPhase.Configuring, GuestPhase.Online])
        {
            box.Report(id, phase.ToString().ToLowerInvariant());
            while (watch.Current?.Report?.Phase != phase && await watch.MoveNextAsync())
            {
            }
        }
    }

    [Fact(Timeout = Patience)]
    public async Task A_change_that_failed_before_it_hung_has_failed()
    {
        box.Script($"case $1 in modifyvm) echo 'VBoxManage: error: Invalid CPU count' >&2; sleep 600 ;; esac; exec '{FakeVirtualBox.Program}' \"$@\"");
        await using var hypervisor = box.Open();

        var failure = await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureClonedAsync(Specify(), Token));

        Assert.Contains("Invalid CPU count", failure.Message, StringComparison.Ordinal);
        Assert.Empty(await hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_that_is_being_made_is_not_asked_for_and_holds_no_listing_up()
    {
        var home = box.Options.UserHome!;
        box.Script($$"""
            if [ "$1" = clonevm ]; then
              mkdir -p '{{box.Options.MachineFolder}}/vbdp-one'
              touch "$VBOX_USER_HOME/cloning"
              while [ ! -e "$VBOX_USER_HOME/go" ]; do sleep 0.05; done
            fi
            exec '{{FakeVirtualBox.Program}}' "$@"
            """);
        await using var hypervisor = box.Open();
        await hypervisor.ListAsync(Token);
        var cloning = hypervisor.EnsureClonedAsync(Specify(), Token);
        while (!File.Exists(Path.Combine(home, "cloning")))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
        }

        Assert.Empty(await hypervisor.ListAsync(Token));

        Assert.DoesNotContain($"showvminfo {new VmMark(box.Options.MachineFolder).UuidOf(id)}", box.Calls, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(home, "go"), "");
        await cloning;
    }

    [Fact(Timeout = Patience)]
    public async Task A_change_whose_effect_is_not_seen_is_waited_for()
    {
        box.Script($"case $1 in clonevm) sleep 2 ;; esac; exec '{FakeVirtualBox.Program}' \"$@\"");
        await using var hypervisor = box.Open();

        await hypervisor.EnsureClonedAsync(Specify(), Token);

        Assert.Equal([new SeenVm(id, VmPower.Off)], await hypervisor.ListAsync(Token));
        Assert.Equal(["clonevm", "registervm", "modifyvm"], Changes);
    }

    [Fact(Timeout = Patience)]
    public async Task A_configuration_is_delivered_and_withdrawn_all_the_same()
    {
        Hang("@* | 'guestproperty unset'*");
        await using var hypervisor = box.Open();
        await using var watch = hypervisor.WatchAsync(Token).GetAsyncEnumerator(Token);
        await hypervisor.EnsureClonedAsync(Specify(), Token);
        await hypervisor.EnsureStartedAsync(id, Token);

        await hypervisor.ConfigureAsync(id, new GuestConfiguration("Q0FOQVJZ"), Token);
        var delivered = (box.Property(id, "/VBDP/Config/0"), box.Property(id, "/VBDP/Config/Count"));
        box.Report(id, "configuring");
        while (await watch.MoveNextAsync() && watch.Current.Report is null)
        {
        }

        Assert.Equal(("Q0FOQVJZ", "1"), delivered);
        Assert.Null(box.Property(id, "/VBDP/Config/0"));
        Assert.Null(box.Property(id, "/VBDP/Config/Count"));
    }

    private void Hang(string commands) => box.Script(
        $"case \"$*\" in {commands}) '{FakeVirtualBox.Program}' \"$@\" && {{ sleep 600 & echo $! >> \"$VBOX_USER_HOME/pids\"; wait; }} ;; *) exec '{FakeVirtualBox.Program}' \"$@\" ;; esac");

    private static bool Runs(string pid)
    {
        try
        {
            return !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private VmSpecification Specify() => new()
    {
        Id = id, Image = new BaseImage("base"), Label = "one", Owner = "acme", Repository = "widgets",
    };
}
