using Microsoft.Extensions.Logging.Abstractions;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Qemu;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;

namespace Provisioner.Server.Images.Building;

/// <summary>
/// Makes an image: a clone of a cloud image boots once with a seed disk, does what <c>build.sh</c> says, powers itself off, and becomes a
/// file that stands on no other. All of it in a folder of its own, which goes whatever happens; the server beside it sees nothing of it.
/// </summary>
internal sealed class ImageBuild(ServerOptions options, ImageFolder folder, Downloads downloads, TimeProvider time, Action<string> say)
{
    private static readonly VmId Builder = VmId.Parse("build");
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private string Base => Path.Combine(folder.Work, "base.qcow2");

    private string Seed => Path.Combine(folder.Work, "seed.iso");

    private string Result => Path.Combine(folder.Work, "result");

    /// <exception cref="ImageException">It failed, and nothing of it is left.</exception>
    /// <exception cref="HypervisorException">The hypervisor failed, and nothing of it is left.</exception>
    public async Task<ImageManifest> RunAsync(ImageRecipe recipe, CancellationToken cancellationToken)
    {
        if (options.Hypervisor != HypervisorKind.Qemu)
        {
            throw new ImageException($"Images are built with the hypervisor 'qemu' only, and the configuration says '{options.Hypervisor}'. For VirtualBox see images/linux/README.md.");
        }

        using var one = folder.Lock();
        await using var hypervisor = new QemuHypervisor(
            options.Qemu with { Folder = Path.Combine(folder.Work, "machines") }, time, NullLogger<QemuHypervisor>.Instance);
        try
        {
            await CleanAsync(hypervisor);
            DataFolder.Make(folder.Work);
            return await MakeAsync(hypervisor, recipe, cancellationToken);
        }
        finally
        {
            await CleanAsync(hypervisor);
        }
    }

    private async Task<ImageManifest> MakeAsync(QemuHypervisor hypervisor, ImageRecipe recipe, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var version = $"{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}";
        say($"building {recipe.Name} {version}");
        var disk = await downloads.GetAsync(recipe.Base, cancellationToken);
        var runner = recipe.Runner is { File: null, Url: null } official ? await RunnerRelease.FindAsync(downloads, official.Version, cancellationToken) : recipe.Runner;
        var tarball = await downloads.GetAsync(runner, cancellationToken);
        BuildSeed.Write(Seed, version, tarball.Path, tarball.Sha256, recipe.Setup, now);
        say("copying the base");
        await hypervisor.ImportAsync(disk.Path, Base, recipe.Deadline, cancellationToken);

        var console = new BuildConsole(say);
        await BootAsync(hypervisor, recipe, console, cancellationToken);
        say("sealing the image");
        DataFolder.Make(Result);
        await hypervisor.SealAsync(Builder, Path.Combine(Result, "disk.qcow2"), recipe.Deadline, cancellationToken);
        var manifest = new ImageManifest
        {
            Version = version,
            Built = now,
            Disk = "disk.qcow2",
            BaseSha256 = disk.Sha256,
            System = console.System,
            RunnerVersion = runner.Version ?? console.RunnerVersion,
            RunnerReleased = runner.Released,
            Recipe = recipe,
        };
        folder.Add(recipe.Name, manifest, Result, now);
        return manifest;
    }

    private async Task BootAsync(QemuHypervisor hypervisor, ImageRecipe recipe, BuildConsole console, CancellationToken cancellationToken)
    {
        say($"booting it; it may take {recipe.Deadline}");
        var started = time.GetTimestamp();
        await hypervisor.EnsureClonedAsync(Specify(recipe), cancellationToken);
        await hypervisor.EnsureStartedAsync(Builder, cancellationToken);
        while (await IsOnAsync(hypervisor, cancellationToken))
        {
            if (time.GetElapsedTime(started) > recipe.Deadline)
            {
                throw new ImageException($"The build did not end within {recipe.Deadline}. What it said last stands above. If that ends at a login prompt, the base has no cloud-init.");
            }

            await Task.Delay(Look, time, cancellationToken);
            console.Take(await hypervisor.ReadConsoleAsync(Builder, cancellationToken));
        }

        console.Take(await hypervisor.ReadConsoleAsync(Builder, cancellationToken) + "\n");
        if (!console.Succeeded)
        {
            throw new ImageException($"The build failed: {console.Failure ?? "the machine went off and did not say why. What it said last stands above"}");
        }
    }

    private VmSpecification Specify(ImageRecipe recipe) => new()
    {
        Id = Builder, Image = new BaseImage(Base), Cpus = recipe.Cpus, MemoryMegabytes = recipe.Memory, DiskMegabytes = recipe.Disk, SeedDisk = Seed,
        Label = "build", Owner = "build", Repository = "build",
    };

    private static async Task<bool> IsOnAsync(QemuHypervisor hypervisor, CancellationToken cancellationToken) =>
        (await hypervisor.ListAsync(cancellationToken)).Any(vm => vm.Power != VmPower.Off);

    private async Task CleanAsync(QemuHypervisor hypervisor)
    {
        foreach (var vm in await hypervisor.ListAsync(CancellationToken.None))
        {
            await hypervisor.EnsureGoneAsync(vm.Id, CancellationToken.None);
        }

        if (Directory.Exists(folder.Work))
        {
            Directory.Delete(folder.Work, recursive: true);
        }
    }
}
