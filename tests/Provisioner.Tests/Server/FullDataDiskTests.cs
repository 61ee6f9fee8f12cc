using System.Diagnostics;
using System.Net;
using Provisioner.Contracts;
using Provisioner.Hypervisors;

namespace Provisioner.Tests.Server;

/// <summary>The disk of the data folder is full to the last byte: nothing is promised that cannot be written, nothing that was written is lost, and no restart is needed.</summary>
public sealed class FullDataDiskTests : IAsyncLifetime
{
    private const int Patience = 120_000;

    private readonly string _disk = Directory.CreateTempSubdirectory("vbdp-data-").FullName;
    private bool _mounted;

    private string Ballast => Path.Combine(_disk, "ballast");

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can mount a small disk.");
        _mounted = await RunAsync("mount", "-t", "tmpfs", "-o", "size=16m", "vbdp-test", _disk) == 0;
        Assert.SkipUnless(_mounted, "A small disk could not be mounted.");
    }

    [Fact(Timeout = Patience)]
    public async Task What_is_asked_for_on_a_full_disk_is_refused_and_works_when_there_is_room_again()
    {
        await using var server = await StartAsync();
        await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);
        Fill();

        using var created = await server.CreateAsync("""{"image": "debian-12", "id": "run-2"}""");
        using var deleted = await server.Http.DeleteAsync("/v1/vms/run-1", TestContext.Current.CancellationToken);
        using var shown = await server.Http.GetAsync("/v1/vms/run-1", TestContext.Current.CancellationToken);
        File.Delete(Ballast);
        await server.CreateVmAsync("run-2");
        await server.FollowAsync("run-2", change => change.Phase == VmPhase.Online);
        using var deletedAgain = await server.Http.DeleteAsync("/v1/vms/run-1", TestContext.Current.CancellationToken);
        await server.UntilGoneAsync("run-1");

        Assert.All([created, deleted], answer => Assert.True(answer.StatusCode >= HttpStatusCode.InternalServerError, $"{answer.StatusCode}"));
        Assert.Equal(HttpStatusCode.OK, shown.StatusCode);
        Assert.Equal(["run-2"], (await server.Hypervisor.ListAsync(TestContext.Current.CancellationToken)).Select(vm => vm.Id.Value));
    }

    [Fact(Timeout = Patience)]
    public async Task What_happens_to_a_vm_while_nothing_can_be_written_is_seen_when_there_is_room_again()
    {
        await using var server = await StartAsync();
        await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);
        Fill();

        server.Hypervisor.Host.CutPower(VmId.Parse("run-1"));
        using var refused = await server.CreateAsync("""{"image": "debian-12", "id": "run-2"}""");
        File.Delete(Ballast);
        var events = await server.UntilGoneAsync("run-1");

        Assert.False(refused.IsSuccessStatusCode);
        Assert.NotNull(events.Select(change => change.Failure).First(failure => failure is not null));
        await server.AssertNothingLeftAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_mounted)
        {
            await RunAsync("umount", "--lazy", _disk);
        }

        Directory.Delete(_disk);
    }

    private Task<RunningServer> StartAsync() => RunningServer.StartAsync(options =>
        (options.DataFolder, options.Vms.ReviewPeriod) = (Path.Combine(_disk, "data"), TimeSpan.FromMilliseconds(200)));

    private void Fill()
    {
        using var file = File.Create(Ballast, bufferSize: 1);
        var block = new byte[4096];
        while (true)
        {
            try
            {
                file.Write(block);
            }
            catch (IOException)
            {
                return;
            }
        }
    }

    private static async Task<int> RunAsync(params string[] command)
    {
        using var process = Process.Start(command[0], command[1..]);
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }
}
