using Provisioner.Hypervisors;

namespace Provisioner.HypervisorTests;

public abstract partial class HypervisorSpecs
{
    [Fact(Timeout = Patience)]
    public async Task A_guest_reports_ready_and_waits()
    {
        RequireGuest();
        var id = await RunAsync("ready");

        var report = await ReportAsync(Hypervisor, id, GuestPhase.Ready);

        Assert.Equal(new GuestReport(GuestPhase.Ready), report);
        Assert.Equal(VmPower.On, await PowerAsync(id));
    }

    [Fact(Timeout = Patience)]
    public async Task The_configuration_reaches_the_guest_and_sets_it_to_work()
    {
        RequireGuest();
        var id = await RunAsync("work");
        await ReportAsync(Hypervisor, id, GuestPhase.Ready);

        await Hypervisor.ConfigureAsync(id, Rig.Configuration, Token);
        var configuring = await ReportAsync(Hypervisor, id, GuestPhase.Configuring);
        var later = await ReportAsync(Hypervisor, id, GuestPhase.Online);

        Assert.NotEqual(GuestPhase.Failed, configuring.Phase);
        Assert.True(later.Phase >= GuestPhase.Online);
    }

    [Fact(Timeout = Patience)]
    public async Task The_secret_configuration_is_in_no_file_and_not_on_the_console()
    {
        RequireGuest();
        var id = await RunAsync("secret");
        await ReportAsync(Hypervisor, id, GuestPhase.Ready);

        await Hypervisor.ConfigureAsync(id, Rig.Configuration, Token);
        await ReportAsync(Hypervisor, id, GuestPhase.Configuring);

        var secret = Rig.Configuration.EncodedJitConfig[..40];
        Assert.DoesNotContain(secret, await Hypervisor.ReadConsoleAsync(id, Token), StringComparison.Ordinal);
        foreach (var file in Rig.FilesOfMachines().Where(file => new FileInfo(file) is { Exists: true, Length: > 0 and < 1 << 20 }))
        {
            Assert.DoesNotContain(secret, await ReadSharedAsync(file), StringComparison.Ordinal);
        }
    }

    [Fact(Timeout = Patience)]
    public async Task Each_watcher_has_a_stream_of_its_own()
    {
        RequireGuest();
        var id = await CloneAsync("seen");
        var first = ReportAsync(Hypervisor, id, GuestPhase.Ready);
        var second = ReportAsync(Hypervisor, id, GuestPhase.Ready);

        await Hypervisor.EnsureStartedAsync(id, Token);

        Assert.Equal(GuestPhase.Ready, (await first).Phase);
        Assert.Equal(GuestPhase.Ready, (await second).Phase);
    }

    [Fact(Timeout = Patience)]
    public async Task A_late_watcher_is_told_the_last_report()
    {
        RequireGuest();
        var id = await RunAsync("late");
        await ReportAsync(Hypervisor, id, GuestPhase.Ready);

        Assert.Equal(GuestPhase.Ready, (await ReportAsync(Hypervisor, id, GuestPhase.Ready)).Phase);
    }

    [Fact(Timeout = Patience)]
    public async Task A_restarted_driver_finds_its_machines_again()
    {
        var id = await CloneAsync("found");
        await Hypervisor.DisposeAsync();

        var restarted = Open();

        Assert.Equal([new SeenVm(id, VmPower.Off)], await restarted.ListAsync(Token));
        await restarted.EnsureClonedAsync(Specify("found"), Token);
        await restarted.EnsureGoneAsync(id, Token);
        Assert.Empty(await restarted.ListAsync(Token));
        AssertNoFilesLeft();
    }

    [Fact(Timeout = Patience)]
    public async Task A_restarted_driver_hears_what_its_guests_said_before()
    {
        RequireGuest();
        var id = await RunAsync("heard");
        await ReportAsync(Hypervisor, id, GuestPhase.Ready);
        await Hypervisor.DisposeAsync();

        var restarted = Open();

        Assert.Equal([new SeenVm(id, VmPower.On)], await restarted.ListAsync(Token));
        Assert.Equal(GuestPhase.Ready, (await ReportAsync(restarted, id, GuestPhase.Ready)).Phase);
        await restarted.ConfigureAsync(id, Rig.Configuration, Token);
        Assert.NotEqual(GuestPhase.Failed, (await ReportAsync(restarted, id, GuestPhase.Configuring)).Phase);
    }

    [Fact(Timeout = Patience)]
    public async Task A_watch_ends_when_it_is_cancelled()
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var watch = Hypervisor.WatchAsync(ending.Token).GetAsyncEnumerator(Token);
        var next = watch.MoveNextAsync();

        await ending.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
    }

    [Fact(Timeout = Patience)]
    public async Task A_watch_ends_when_the_driver_is_disposed_of()
    {
        await using var watch = Open().WatchAsync(Token).GetAsyncEnumerator(Token);
        var next = watch.MoveNextAsync();

        await opened[^1].DisposeAsync();

        Assert.False(await next);
    }

    [Fact(Timeout = Patience)]
    public async Task Calls_that_are_cancelled_say_so()
    {
        var cancelled = new CancellationToken(canceled: true);
        var id = await CloneAsync("late");
        Func<Task>[] calls =
        [
            () => Hypervisor.CheckAsync(cancelled),
            () => Hypervisor.InspectAsync(Rig.Image, cancelled),
            () => Hypervisor.ListAsync(cancelled),
            () => Hypervisor.EnsureClonedAsync(Specify("other"), cancelled),
            () => Hypervisor.EnsureStartedAsync(id, cancelled),
            () => Hypervisor.ConfigureAsync(id, Rig.Configuration, cancelled),
            () => Hypervisor.EnsureStoppedAsync(id, TimeSpan.Zero, cancelled),
            () => Hypervisor.EnsureGoneAsync(id, cancelled),
            () => Hypervisor.ReadConsoleAsync(id, cancelled),
        ];

        foreach (var call in calls)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(call);
        }

        Assert.Equal([new SeenVm(id, VmPower.Off)], await Hypervisor.ListAsync(Token));
    }

    // The hypervisor may have it open for writing.
    private static async Task<string> ReadSharedAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
        return await reader.ReadToEndAsync(Token);
    }
}
