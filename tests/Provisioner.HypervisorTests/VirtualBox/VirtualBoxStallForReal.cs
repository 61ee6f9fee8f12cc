using Provisioner.Hypervisors;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>The real VBoxManage does its work, and then does not end: it keeps what it has to say until the test has seen the verb return.</summary>
public sealed class VirtualBoxStallForReal
{
    private const int Patience = 120_000;

    private static readonly VmId One = VmId.Parse("one");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = Patience)]
    [InlineData("clonevm")]
    [InlineData("registervm")]
    [InlineData("modifyvm")]
    [InlineData("unregistervm")]
    [InlineData("clonevm | registervm | modifyvm | unregistervm")]
    public async Task No_verb_waits_for_a_call_that_hangs_after_its_work_and_nothing_is_repeated(string verbs)
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        await using var hypervisor = lab.Open();
        var release = Path.Combine(lab.Options.UserHome!, "release");
        lab.Script($$"""
            case $1 in {{verbs}})
              said=$("$real" "$@"); code=$?
              for ((i = 0; i < 2000; i++)); do [ ! -e "$VBOX_USER_HOME/release" ] || break; sleep 0.05; done
              echo "$said"; exit $code ;;
            esac
            """);

        await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);
        Assert.Equal([new SeenVm(One, VmPower.Off)], await hypervisor.ListAsync(Token));
        await hypervisor.EnsureGoneAsync(One, Token);
        Assert.Empty(await hypervisor.ListAsync(Token));
        Assert.False(File.Exists(release));
        await File.WriteAllTextAsync(release, "", Token);

        var changes = lab.Calls.Select(call => call.Split(' ')[0]).Where(verb => verb is "clonevm" or "registervm" or "modifyvm" or "unregistervm");
        Assert.Equal(["clonevm", "registervm", "modifyvm", "unregistervm"], changes);
        Assert.Equal(["base"], RegisteredVm.ParseList(await lab.RunAsync("list", "vms")).Select(vm => vm.Name));
    }
}
