using Provisioner.Hypervisors;

namespace Provisioner.HypervisorTests;

public abstract partial class HypervisorSpecs
{
    [Fact(Timeout = Patience)]
    public async Task A_clone_is_there_and_switched_off()
    {
        var id = await CloneAsync("one");

        Assert.Equal([new SeenVm(id, VmPower.Off)], await Hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task Cloning_twice_makes_one_machine()
    {
        await CloneAsync("twice");
        await CloneAsync("twice");

        Assert.Single(await Hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task Cloning_the_same_machine_from_two_sides_at_once_makes_one_machine()
    {
        await Task.WhenAll(CloneAsync("both"), CloneAsync("both"));

        Assert.Single(await Hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task Many_machines_can_be_cloned_and_removed_at_once()
    {
        string[] names = ["many-1", "many-2", "many-3", "many-4", "many-5"];

        var ids = await Task.WhenAll(names.Select(CloneAsync));
        var seen = await Hypervisor.ListAsync(Token);
        await Task.WhenAll(ids.Select(id => Hypervisor.EnsureGoneAsync(id, Token)));

        Assert.Equal(names, seen.Select(vm => vm.Id.Value).Order());
        Assert.Empty(await Hypervisor.ListAsync(Token));
    }

    [Theory(Timeout = Patience)]
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("con")]
    [InlineData("a--b-")]
    [InlineData("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    public async Task Every_valid_id_names_a_machine(string name)
    {
        var id = await CloneAsync(name);
        var power = await PowerAsync(id);
        await Hypervisor.EnsureGoneAsync(id, Token);

        Assert.Equal(VmPower.Off, power);
        Assert.Empty(await Hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task Machines_whose_ids_begin_alike_are_not_mixed_up()
    {
        var longer = await CloneAsync("ab-1");
        var shorter = await CloneAsync("ab");

        await Hypervisor.EnsureGoneAsync(shorter, Token);

        Assert.Equal([new SeenVm(longer, VmPower.Off)], await Hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_may_have_a_size_of_its_own()
    {
        await Hypervisor.EnsureClonedAsync(Specify("sized") with { Cpus = 2, MemoryMegabytes = 512 }, Token);

        Assert.Equal(VmPower.Off, await PowerAsync(VmId.Parse("sized")));
    }

    [Fact(Timeout = Patience)]
    public async Task Metadata_is_taken_as_values_whatever_it_looks_like()
    {
        var odd = Specify("odd") with { Label = "--help", Owner = "-x", Repository = "a b\"'$(id)" };

        await Hypervisor.EnsureClonedAsync(odd, Token);

        Assert.Equal(VmPower.Off, await PowerAsync(odd.Id));
    }

    [Fact(Timeout = Patience)]
    public async Task Machines_of_others_are_neither_listed_nor_touched()
    {
        await Rig.AddForeignAsync("vbdp-theirs", Token);
        await Rig.AddForeignAsync("theirs", Token);
        var ours = await CloneAsync("ours");

        var seen = await Hypervisor.ListAsync(Token);
        await Hypervisor.EnsureStoppedAsync(VmId.Parse("theirs"), TimeSpan.Zero, Token);
        await Hypervisor.EnsureGoneAsync(VmId.Parse("theirs"), Token);

        Assert.Equal([ours], seen.Select(vm => vm.Id));
        Assert.True(await Rig.HasForeignAsync("vbdp-theirs", Token));
        Assert.True(await Rig.HasForeignAsync("theirs", Token));
    }

    [Fact(Timeout = Patience)]
    public async Task A_clone_does_not_take_over_a_machine_of_others_that_has_its_name()
    {
        await Rig.AddForeignAsync("vbdp-theirs", Token);

        // Refused, or made beside it.
        var failure = await Record.ExceptionAsync(() => CloneAsync("theirs"));
        await Hypervisor.EnsureGoneAsync(VmId.Parse("theirs"), Token);

        Assert.True(failure is null or HypervisorException);
        Assert.Empty(await Hypervisor.ListAsync(Token));
        Assert.True(await Rig.HasForeignAsync("vbdp-theirs", Token));
    }

    [Fact(Timeout = Patience)]
    public async Task A_cancelled_clone_says_so_and_leaves_a_whole_machine_or_none()
    {
        using var cancelled = new CancellationTokenSource();
        var cloning = Hypervisor.EnsureClonedAsync(Specify("cut"), cancelled.Token);
        await cancelled.CancelAsync();

        // It may have been done before it noticed.
        var failure = await Record.ExceptionAsync(() => cloning);
        Assert.True(failure is null or OperationCanceledException, failure?.ToString());

        await CloneAsync("cut");
        await Hypervisor.EnsureGoneAsync(VmId.Parse("cut"), Token);
        Assert.Empty(await Hypervisor.ListAsync(Token));
        AssertNoFilesLeft();
    }
}
