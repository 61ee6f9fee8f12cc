using Provisioner.Hypervisors;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>Ours among two hundred machines of others: it costs no call more, no name of theirs confuses it, and nothing of theirs changes.</summary>
public sealed class VirtualBoxForeign(ForeignPark park) : IClassFixture<ForeignPark>
{
    private const int Patience = 300_000;

    private static readonly VmId One = VmId.Parse("one");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = Patience)]
    public async Task Two_hundred_machines_of_others_cost_not_one_call_more()
    {
        await using var alone = await VirtualBoxLab.OpenAsync();
        await alone.MakeImageAsync("base");

        var few = await LiveAsync(alone);
        var many = await LiveAsync(park.Lab);

        Assert.InRange(RegisteredVm.ParseList(await park.Lab.RunAsync("list", "vms")).Count, 200, 210);
        Assert.Equal(few.Where(IsChange), many.Where(IsChange));
        // A reading that hangs is asked once more, which happens to some.
        Assert.InRange(many.Length, 1, few.Length + 4);
    }

    [Fact(Timeout = Patience)]
    public async Task All_verbs_and_their_faults_leave_every_file_of_others_as_it_was_and_every_machine_registered()
    {
        var lab = park.Lab;
        await lab.RestartServiceAsync(() => { });
        var before = park.Fingerprint();
        await using (var hypervisor = lab.Open())
        {
            await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);
            await hypervisor.EnsureClonedAsync(lab.Specify("two"), Token);
            await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);
            Assert.Equal(["one", "two"], (await hypervisor.ListAsync(Token)).Select(vm => vm.Id.Value));
            await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureClonedAsync(lab.Specify("three") with { Image = new BaseImage("no such") }, Token));
            await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureClonedAsync(lab.Specify("three") with { Cpus = 4096 }, Token));
            await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureStartedAsync(VmId.Parse("none"), Token));
            if (!File.Exists(lab.Options.KernelDriver))
            {
                await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureStartedAsync(One, Token));
            }

            await lab.RestartServiceAsync(() => { });
            foreach (var id in (string[])["one", "two", "theirs", "forged", "none", "help"])
            {
                await hypervisor.EnsureGoneAsync(VmId.Parse(id), Token);
            }

            Assert.Empty(await hypervisor.ListAsync(Token));
        }

        // VirtualBox writes its registry anew when its service ends by itself.
        await lab.AwaitServiceEndAsync();
        Assert.Equal(before, park.Fingerprint());
    }

    [Fact(Timeout = Patience)]
    public async Task An_image_is_found_and_cloned_however_odd_the_names_of_others_are()
    {
        var lab = park.Lab;
        await using var hypervisor = lab.Open();

        foreach (var name in ForeignPark.OddNames)
        {
            Assert.False((await hypervisor.InspectAsync(new BaseImage(name), Token)).IsUsable);
        }

        Assert.True((await hypervisor.InspectAsync(lab.Image, Token)).IsUsable);
        await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);
        Assert.Equal([new SeenVm(One, VmPower.Off)], await hypervisor.ListAsync(Token));
        await hypervisor.EnsureGoneAsync(One, Token);
        Assert.Empty(await hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_of_others_with_a_name_like_ours_is_neither_listed_nor_in_the_way_nor_removed()
    {
        var lab = park.Lab;
        await using var hypervisor = lab.Open();

        var id = VmId.Parse("theirs");
        var before = await FindAsync();

        await hypervisor.EnsureGoneAsync(id, Token);
        var without = await hypervisor.ListAsync(Token);
        await hypervisor.EnsureClonedAsync(lab.Specify("theirs"), Token);
        var with = await hypervisor.ListAsync(Token);
        var both = await FindAsync();
        await hypervisor.EnsureGoneAsync(id, Token);

        Assert.Empty(without);
        Assert.Equal([new SeenVm(id, VmPower.Off)], with);
        Assert.Equal(before.Append(Guid.Parse(lab.UuidOf("theirs"))).Order(), both);
        Assert.Single(before);
        Assert.Equal(before, await FindAsync());

        async Task<IEnumerable<Guid>> FindAsync() =>
            RegisteredVm.ParseList(await lab.RunAsync("list", "vms")).Where(vm => vm.Name == "vbdp-theirs").Select(vm => vm.Uuid).Order();
    }

    private static async Task<string[]> LiveAsync(VirtualBoxLab lab)
    {
        await using var hypervisor = lab.Open();
        await hypervisor.ListAsync(Token);
        lab.Script("");
        await hypervisor.EnsureClonedAsync(lab.Specify("life"), Token);
        await hypervisor.ListAsync(Token);
        await hypervisor.EnsureGoneAsync(VmId.Parse("life"), Token);
        lab.Options.Program = lab.Program;
        return [.. lab.Calls.Select(call => call.Split(' ')[0])];
    }

    private static bool IsChange(string verb) => verb is "clonevm" or "registervm" or "modifyvm" or "unregistervm";
}
