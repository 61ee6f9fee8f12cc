using Provisioner.Hypervisors;

namespace Provisioner.HypervisorTests;

public abstract partial class HypervisorSpecs
{
    [Fact(Timeout = Patience)]
    public async Task A_machine_that_is_gone_leaves_no_files_and_its_image_as_it_was()
    {
        var id = await CloneAsync("gone");

        await Hypervisor.EnsureGoneAsync(id, Token);

        Assert.Empty(await Hypervisor.ListAsync(Token));
        AssertNoFilesLeft();
        Assert.True((await Hypervisor.InspectAsync(Rig.Image, Token)).IsUsable);
    }

    [Fact(Timeout = Patience)]
    public async Task Removing_twice_or_what_never_was_is_success()
    {
        var id = await CloneAsync("gone");

        await Hypervisor.EnsureGoneAsync(id, Token);
        await Hypervisor.EnsureGoneAsync(id, Token);
        await Hypervisor.EnsureGoneAsync(VmId.Parse("nowhere"), Token);

        Assert.Empty(await Hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task Removing_from_two_sides_at_once_is_success()
    {
        var id = await CloneAsync("torn");

        await Task.WhenAll(Hypervisor.EnsureGoneAsync(id, Token), Hypervisor.EnsureGoneAsync(id, Token));

        Assert.Empty(await Hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task A_running_machine_is_switched_off_and_removed()
    {
        var id = await RunAsync("alive");

        await Hypervisor.EnsureGoneAsync(id, Token);

        Assert.Empty(await Hypervisor.ListAsync(Token));
        AssertNoFilesLeft();
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_that_is_gone_has_no_last_report_and_its_id_can_be_used_again()
    {
        RequireGuest();
        var id = await RunAsync("phoenix");
        await ReportAsync(Hypervisor, id, GuestPhase.Ready);
        await Hypervisor.EnsureGoneAsync(id, Token);

        await CloneAsync("phoenix");
        await using var watch = Hypervisor.WatchAsync(Token).GetAsyncEnumerator(Token);
        var first = watch.MoveNextAsync();
        await Hypervisor.EnsureStartedAsync(id, Token);

        // The stream opens with the new life: had the old report been kept, it would come first.
        Assert.True(await first);
        Assert.Null(watch.Current.Report);
    }
}
