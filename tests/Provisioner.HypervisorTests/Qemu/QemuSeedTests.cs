using Provisioner.Hypervisors;

namespace Provisioner.HypervisorTests.Qemu;

/// <summary>A clone's seed: in its folder, for the server's user alone, as long as the machine.</summary>
public sealed class QemuSeedTests : QemuFacts
{
    private static readonly VmId One = VmId.Parse("one");

    private static VmSpecification Specification => new() { Id = One, Image = new BaseImage(""), Label = "one", Owner = "acme", Repository = "widgets", Seed = Seeds.Make() };

    private string Seed => Path.Combine(Rig.Folder, "vbdp-one", "seed.iso");

    [Fact(Timeout = Patience)]
    public async Task A_seed_is_made_with_its_machine_is_there_at_each_start_and_goes_with_it()
    {
        await using var hypervisor = Rig.Open();
        await hypervisor.EnsureClonedAsync(Specification with { Image = Rig.Image }, Token);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Seed));
        for (var start = 0; start < 2; start++)
        {
            await hypervisor.EnsureStartedAsync(One, Token);
            Assert.Contains("seed of one", await File.ReadAllTextAsync(Seed, Token), StringComparison.Ordinal);
            await hypervisor.EnsureStoppedAsync(One, TimeSpan.Zero, Token);
        }

        await hypervisor.EnsureGoneAsync(One, Token);

        Assert.Empty(Rig.FilesOfMachines());
    }

    [Fact(Timeout = Patience)]
    public async Task A_clone_that_was_cut_short_after_its_seed_is_made_anew()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Seed)!);
        await File.WriteAllTextAsync(Seed, "half", Token);
        await using var hypervisor = Rig.Open();

        await hypervisor.EnsureClonedAsync(Specification with { Image = Rig.Image }, Token);

        Assert.Contains("seed of one", await File.ReadAllTextAsync(Seed, Token), StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task A_seed_that_cannot_be_written_leaves_nothing()
    {
        await using var hypervisor = Rig.Open();
        var seed = new VmSeed("broken", (_, _) => throw new IOException("no more"));

        var refused = await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureClonedAsync(Specification with { Image = Rig.Image, Seed = seed }, Token));

        Assert.Equal("no more", refused.Message);
        Assert.Empty(Rig.FilesOfMachines());
    }
}
