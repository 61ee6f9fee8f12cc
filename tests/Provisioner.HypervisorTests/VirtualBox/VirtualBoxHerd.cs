using Provisioner.Hypervisors;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>VirtualBox's service is started by its first client, and ends seconds after its last: clients in between may not reach it.</summary>
public sealed class VirtualBoxHerd
{
    private const int Patience = 300_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = Patience)]
    public async Task Six_servers_at_once_where_no_service_runs_are_all_served()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        var ids = Enumerable.Range(1, 6).Select(n => $"vm-{n:00}").ToList();
        await lab.RestartServiceAsync(() => { });

        await Task.WhenAll(ids.Select(id => LiveAsync(lab, id)));

        await using var hypervisor = lab.Open();
        Assert.Equal(ids, (await hypervisor.ListAsync(Token)).Select(vm => vm.Id.Value));
        await Task.WhenAll(ids.Select(id => hypervisor.EnsureGoneAsync(VmId.Parse(id), Token)));
        Assert.Empty(Directory.EnumerateFileSystemEntries(lab.Options.MachineFolder));
    }

    private static async Task LiveAsync(VirtualBoxLab lab, string id)
    {
        await using var hypervisor = lab.Open();
        await hypervisor.EnsureClonedAsync(lab.Specify(id), Token);
    }
}
