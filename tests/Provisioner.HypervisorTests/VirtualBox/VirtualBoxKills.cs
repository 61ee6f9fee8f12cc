using Provisioner.Hypervisors;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>
/// VBoxManage, or VirtualBox's service under it, dies in the first call of a verb, then in the second, and so on through all of them.
/// The verb repeated converges each time, and nothing is left in the end.
/// </summary>
public sealed class VirtualBoxKills(LabWithImage image) : IClassFixture<LabWithImage>
{
    private const int Patience = 300_000;
    private const int Attempts = 5;

    private static readonly VmId One = VmId.Parse("one");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Without its service VBoxManage now and then stays for half a minute, and then fails.
    [Theory(Timeout = Patience)]
    [InlineData("kill -KILL $$")]
    [InlineData("\"$real\" \"$@\" > /dev/null 2>&1; kill -KILL $$")]
    [InlineData("\"$real\" \"$@\" & sleep 0.018; kill -TERM $!; wait $!; exit")]
    [InlineData("\"$real\" \"$@\" & sleep 0.018; kill -KILL $!; wait $!; exit")]
    [InlineData("timeout -s KILL 3 \"$real\" \"$@\" & sleep 0.012; kill_service; wait $!; exit")]
    [InlineData("timeout -s KILL 3 \"$real\" \"$@\" & sleep 0.024; kill_service; wait $!; exit")]
    public async Task Whichever_call_is_struck_the_verb_repeated_converges_and_leaves_nothing(string blow)
    {
        var lab = image.Lab;
        var disks = await DisksAsync(lab);
        await using var hypervisor = lab.Open();

        for (var (call, struck) = (1, true); struck; call++)
        {
            var made = await StrikeAsync(lab, call, blow, () => hypervisor.EnsureClonedAsync(lab.Specify("one"), Token));
            Assert.Equal([new SeenVm(One, VmPower.Off)], await hypervisor.ListAsync(Token));
            Assert.Equal("one", SettingsFile.TryRead(new VmMark(lab.Options.MachineFolder).SettingsFileOf(One))?.GuestProperties["label"]);

            var removed = await StrikeAsync(lab, call, blow, () => hypervisor.EnsureGoneAsync(One, Token));
            Assert.Empty(Directory.EnumerateFileSystemEntries(lab.Options.MachineFolder));
            struck = made || removed;
        }

        Assert.Empty(await hypervisor.ListAsync(Token));
        Assert.Equal(["base"], RegisteredVm.ParseList(await lab.RunAsync("list", "vms")).Select(vm => vm.Name));
        Assert.Equal(disks, await DisksAsync(lab));
    }

    // Whether the verb made so many calls that one of them was struck.
    private static async Task<bool> StrikeAsync(VirtualBoxLab lab, int call, string blow, Func<Task> verb)
    {
        lab.Script($$"""
            kill_service() { for p in $(pgrep -x VBoxSVC); do ! grep -qsz "VBOX_USER_HOME=$VBOX_USER_HOME" "/proc/$p/environ" || kill -KILL "$p"; done; }
            if [ "$(wc -l < "$VBOX_USER_HOME/calls")" = {{call}} ]; then {{blow}}; fi
            """);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await verb();
                lab.Options.Program = lab.Program;
                return lab.Calls.Length >= call;
            }
            catch (HypervisorException) when (attempt < Attempts)
            {
                // What was struck may fail. Asked again, it may not.
            }
        }
    }

    private static async Task<IEnumerable<string>> DisksAsync(VirtualBoxLab lab) =>
        Hdd.ParseList(await lab.RunAsync("list", "hdds")).Select(disk => disk.Location);
}
