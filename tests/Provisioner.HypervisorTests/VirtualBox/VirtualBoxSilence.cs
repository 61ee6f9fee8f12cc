using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>VirtualBox's real service, or a machine's process, is stopped, so that it is there and answers nothing.</summary>
public sealed class VirtualBoxSilence
{
    private const int Patience = 120_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = Patience)]
    public async Task A_service_that_hangs_is_reported_once_calls_fail_at_once_and_all_goes_on_when_it_answers()
    {
        await using var box = await FaultyVirtualBox.OpenAsync();
        var log = new FakeLogger<VirtualBoxHypervisor>();
        await using var driver = new VirtualBoxHypervisor(box.Lab.Options, TimeProvider.System, log);
        await driver.ListAsync(Token);
        var service = box.Lab.FindService();
        box.Lab.Options.SilencePatience = TimeSpan.FromSeconds(2);
        await SignalAsync("STOP", service);
        try
        {
            // Of itself it would only fail after the deadline, which is longer than this test.
            var hanging = driver.InspectAsync(box.Lab.Image, Token);
            while ((await driver.CheckAsync(Token)).Answers)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
            }

            // A host may be so busy that a call takes as long.
            box.Lab.Options.SilencePatience = TimeSpan.FromMinutes(5);
            var health = await driver.CheckAsync(Token);
            var failure = await Assert.ThrowsAsync<HypervisorException>(() => driver.EnsureClonedAsync(box.Lab.Specify("one"), Token));
            await Assert.ThrowsAsync<HypervisorException>(() => driver.EnsureGoneAsync(FaultyVirtualBox.Kept, Token));

            Assert.False(health.CanStart);
            Assert.Equal(HypervisorFault.TimedOut, failure.Fault);
            Assert.Contains($"VBoxSVC, is process {service} and is stopped", health.Detail, StringComparison.Ordinal);
            Assert.Contains(health.Detail, failure.Message, StringComparison.Ordinal);
            Assert.NotNull(FaultyVirtualBox.Find(box.KeptUuid));
            await SignalAsync("CONT", service);
            // It reaches the service or not, which may have ended of itself: it had no client for too long.
            await hanging;
        }
        finally
        {
            await SignalAsync("CONT", service);
        }

        while (!(await driver.CheckAsync(Token)).CanStart)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
        }

        await driver.EnsureClonedAsync(box.Lab.Specify("one"), Token);
        await driver.EnsureGoneAsync(VmId.Parse("one"), Token);
        Assert.Equal([new SeenVm(FaultyVirtualBox.Kept, VmPower.On)], await driver.ListAsync(Token));
        await box.AssertNothingIsLeftAsync();
        Assert.Single(log.Collector.GetSnapshot(), record => record.Level == LogLevel.Error);
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_of_ours_whose_process_hangs_is_killed_when_it_must_go_and_no_other_is()
    {
        await using var box = await FaultyVirtualBox.OpenAsync();
        box.Lab.Options.SwitchOffPatience = TimeSpan.FromSeconds(2);
        await using var driver = box.Lab.Open();
        var ours = FaultyVirtualBox.Find(box.KeptUuid)!.Value;
        using var theirs = StandIn.Start("vbdp-kept", Guid.NewGuid());
        await SignalAsync("STOP", ours);
        await SignalAsync("STOP", theirs.Id);

        await driver.EnsureGoneAsync(FaultyVirtualBox.Kept, Token);

        Assert.Null(FaultyVirtualBox.Find(box.KeptUuid));
        Assert.Empty(await driver.ListAsync(Token));
        Assert.Empty(Directory.EnumerateFileSystemEntries(box.Lab.Options.MachineFolder));
        Assert.Contains("State:\tT", await File.ReadAllTextAsync($"/proc/{theirs.Id}/status", Token), StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task The_process_of_another_user_is_never_killed_whatever_machine_it_says_it_is()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can start a process of another user.");
        var uuid = Guid.NewGuid();
        using var theirs = StandIn.Start("vbdp-kept", uuid, user: 65534);
        while (HeadlessProcess.Find(uuid.ToString()) is null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }

        Assert.False(HeadlessProcess.TryKill(uuid.ToString()));
        Assert.NotNull(HeadlessProcess.Find(uuid.ToString()));
    }

    private static async Task SignalAsync(string signal, int process)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(Token);
    }
}
