using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>What it costs to watch many machines, counted in calls, on a clock of the test's.</summary>
public sealed class VirtualBoxCrowd : IDisposable
{
    private const int Patience = 300_000;
    private const int Many = 200;

    private readonly FakeVirtualBox box = new();
    private readonly FakeTimeProvider time = new(DateTimeOffset.UnixEpoch);
    private readonly Dictionary<VmId, StandIn> processes = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = Patience)]
    public async Task A_restarted_server_learns_how_far_two_hundred_guests_are_and_then_asks_a_few_times_a_minute()
    {
        AddRunning(Many, "busy");
        await using var hypervisor = Open();
        await using var heard = hypervisor.WatchAsync(Token).GetAsyncEnumerator(Token);
        await HearAsync(heard, GuestPhase.Busy, Many);
        var before = Calls;
        await PassAsync(TimeSpan.FromMinutes(1));

        // Two readings and two lists; where this machine is slow, one that seems to hang is made once more.
        Assert.InRange(Calls - before, 1, 8);
    }

    [Fact(Timeout = Patience)]
    public async Task Two_hundred_guests_on_their_way_are_heard_with_a_few_processes_at_once()
    {
        AddRunning(Many, null);
        box.Options.WaitRenewal = TimeSpan.FromMinutes(5);
        await using var hypervisor = Open();
        await using var heard = hypervisor.WatchAsync(Token).GetAsyncEnumerator(Token);
        var hearing = HearAsync(heard, GuestPhase.Ready, Many);
        while (box.Count("guestproperty get") < Many)
        {
            await PassAsync(TimeSpan.FromSeconds(1));
        }

        var asked = box.Count("guestproperty get");
        var began = time.GetUtcNow();
        // Whoever has a place: most have none.
        processes.Keys.ToList().ForEach(id => box.Report(id, "ready"));
        while (!hearing.IsCompleted)
        {
            await PassAsync(TimeSpan.FromMilliseconds(100));
        }

        var most = ((time.GetUtcNow() - began) / TimeSpan.FromMilliseconds(100)) + (GuestWatch.Places * 10);
        Assert.InRange(box.Count("guestproperty get") - asked, 1, most);
        Assert.InRange(box.Count("guestproperty wait"), GuestWatch.Places, GuestWatch.Places * 2);
    }

    [Fact(Timeout = Patience)]
    public async Task Listings_cost_no_call_until_the_registry_is_due()
    {
        AddRunning(3, "busy");
        await using var hypervisor = Open();
        await hypervisor.ListAsync(Token);
        var before = Calls;

        for (var i = 0; i < 20; i++)
        {
            await hypervisor.ListAsync(Token);
        }

        Assert.Equal(before, Calls);
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_that_ends_is_noticed_by_its_process_and_its_last_word_is_heard()
    {
        AddRunning(1, "busy");
        var id = processes.Keys.Single();
        await using var hypervisor = Open();
        await using var heard = hypervisor.WatchAsync(Token).GetAsyncEnumerator(Token);
        await HearAsync(heard, GuestPhase.Busy, 1);
        var asked = box.Count("list runningvms");

        box.Report(id, "failed: no room");
        box.PowerOff(id);
        processes[id].End();
        var hearing = HearAsync(heard, GuestPhase.Failed, 1);
        while (!hearing.IsCompleted)
        {
            await PassAsync(box.Options.PowerInterval);
        }

        Assert.Equal([new SeenVm(id, VmPower.Off)], await hypervisor.ListAsync(Token));
        Assert.InRange(box.Count("list runningvms"), asked, asked + 1);
    }

    [Fact(Timeout = Patience)]
    public async Task A_process_that_outlives_its_machine_is_seen_through()
    {
        AddRunning(1, "busy");
        var id = processes.Keys.Single();
        await using var hypervisor = Open();
        await hypervisor.ListAsync(Token);

        box.PowerOff(id);
        var before = await hypervisor.ListAsync(Token);
        time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal([new SeenVm(id, VmPower.On)], before);
        Assert.Equal([new SeenVm(id, VmPower.Off)], await hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task A_running_machine_whose_process_cannot_be_seen_is_on()
    {
        AddRunning(1, "busy");
        var id = processes.Keys.Single();
        processes[id].End();
        await using var hypervisor = Open();

        var on = await hypervisor.ListAsync(Token);
        box.PowerOff(id);

        Assert.Equal([new SeenVm(id, VmPower.On)], on);
        Assert.Equal([new SeenVm(id, VmPower.Off)], await hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_that_somebody_unregistered_is_missed_after_a_while_and_swept()
    {
        AddRunning(1, "busy");
        var id = processes.Keys.Single();
        await using var hypervisor = Open();
        box.PowerOff(id);
        processes[id].End();
        await hypervisor.ListAsync(Token);

        box.Unregister(id);
        time.Advance(TimeSpan.FromMinutes(5));
        var missed = await hypervisor.ListAsync(Token);
        time.Advance(TimeSpan.FromMinutes(1));
        await hypervisor.ListAsync(Token);

        Assert.Empty(missed);
        Assert.Empty(Directory.EnumerateDirectories(box.Options.MachineFolder));
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_whose_settings_were_lost_is_broken_and_may_still_end_its_job_when_it_runs()
    {
        AddRunning(1, "busy");
        var id = processes.Keys.Single();
        File.WriteAllText(new VmMark(box.Options.MachineFolder).SettingsFileOf(id), "");
        await using var hypervisor = Open();

        var running = await hypervisor.ListAsync(Token);
        processes[id].End();
        box.PowerOff(id);
        box.Script($"[ \"$1\" != showvminfo ] || {{ echo 'VBoxManage: error: The object functionality is limited' >&2; echo 'VBoxManage: error: Details: code E_ACCESSDENIED (0x80070005)' >&2; exit 1; }}; exec '{FakeVirtualBox.Program}' \"$@\"");
        var off = await hypervisor.ListAsync(Token);

        Assert.Equal([new SeenVm(id, VmPower.On)], running);
        Assert.Equal([new SeenVm(id, VmPower.Broken)], off);
    }

    public void Dispose()
    {
        processes.Values.ToList().ForEach(process => process.Dispose());
        box.Dispose();
    }

    private int Calls => box.Count("");

    private VirtualBoxHypervisor Open() => new(box.Options, time, NullLogger<VirtualBoxHypervisor>.Instance);

    private void AddRunning(int count, string? phase)
    {
        for (var i = 0; i < count; i++)
        {
            var id = VmId.Parse($"vm{i}");
            processes[id] = box.AddRunning(id, phase);
        }
    }

    // Lets time go by, and what it sets in motion happen. A call that is under way would be taken for one that hangs: it has its time, unless
    // it was ended by force.
    private async Task PassAsync(TimeSpan span)
    {
        var steps = Math.Max(1, (int)(span / TimeSpan.FromSeconds(1)));
        for (var i = 0; i < steps; i++)
        {
            time.Advance(span / steps);
            for (var looks = 0; looks == 0 || (looks < 50 && !box.IsAtRest); looks++)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
            }
        }
    }

    // Waits until so many guests have reported this.
    private static async Task HearAsync(IAsyncEnumerator<VmObservation> heard, GuestPhase phase, int count)
    {
        var who = new HashSet<VmId>();
        while (who.Count < count && await heard.MoveNextAsync())
        {
            if (heard.Current.Report?.Phase == phase)
            {
                who.Add(heard.Current.Id);
            }
        }
    }
}
