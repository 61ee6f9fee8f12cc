using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;

namespace Provisioner.Server.Images.Building;

/// <summary>
/// Makes an image: a clone of a cloud image boots once with a seed disk, does what <c>build.sh</c> says, powers itself off, and becomes a
/// file that stands on no other. All of it in a folder of its own, which goes whatever happens; the server beside it sees nothing of it.
/// </summary>
internal sealed class ImageBuild(ServerOptions options, ImageFolder folder, Downloads downloads, TimeProvider time, Action<string> say)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private string Seed => Path.Combine(folder.Work, "seed.iso");

    /// <exception cref="ImageException">It failed, and nothing of it is left.</exception>
    /// <exception cref="HypervisorException">The hypervisor failed, and nothing of it is left.</exception>
    public async Task<ImageManifest> RunAsync(ImageRecipe recipe, CancellationToken cancellationToken)
    {
        using var one = folder.Lock();
        await using var builder = ImageTools.Builder(options, folder, time);
        try
        {
            await CleanAsync(builder, recipe.Name);
            DataFolder.Make(folder.Work);
            return await MakeAsync(builder, recipe, cancellationToken);
        }
        finally
        {
            await CleanAsync(builder, recipe.Name);
        }
    }

    private async Task<ImageManifest> MakeAsync(IImageBuilder builder, ImageRecipe recipe, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var version = ImageFolder.VersionAt(now);
        say($"building {recipe.Name} {version}");
        var disk = await downloads.GetAsync(recipe.Base, cancellationToken);
        var runner = recipe.Runner is { File: null, Url: null } official ? await RunnerRelease.FindAsync(downloads, options.Runner.Releases, official.Version, cancellationToken) : recipe.Runner;
        var tarball = await downloads.GetAsync(runner, cancellationToken);
        BuildSeed.Write(Seed, version, tarball.Path, tarball.Sha256, recipe.Setup, now);
        var order = new ImageOrder
        {
            Name = recipe.Name, Version = version, Disk = disk.Path, Seed = Seed, Folder = folder.FolderOf(recipe.Name, version), DiskMegabytes = recipe.Disk,
            Cpus = recipe.Cpus, MemoryMegabytes = recipe.Memory, Deadline = recipe.Deadline,
        };

        var console = new BuildConsole(say);
        await BootAsync(builder, order, console, cancellationToken);
        say("sealing the image");
        var image = await builder.SealAsync(order, cancellationToken);
        var manifest = new ImageManifest
        {
            Version = version,
            Built = now,
            Source = image.Snapshot is null ? Path.GetFileName(image.Source) : image.Source,
            Snapshot = image.Snapshot,
            BaseSha256 = disk.Sha256,
            System = console.System,
            RunnerVersion = runner.Version ?? console.RunnerVersion,
            RunnerReleased = runner.Released,
            KnowsSeeds = true,
            Recipe = recipe,
        };
        folder.Add(recipe.Name, manifest, now);
        return manifest;
    }

    private async Task BootAsync(IImageBuilder builder, ImageOrder order, BuildConsole console, CancellationToken cancellationToken)
    {
        say("copying the base");
        await builder.StartAsync(order, cancellationToken);
        say($"booting it; it may take {order.Deadline}");
        var started = time.GetTimestamp();
        while (await builder.IsOnAsync(cancellationToken))
        {
            if (time.GetElapsedTime(started) > order.Deadline)
            {
                throw new ImageException($"The build did not end within {order.Deadline}. What it said last stands above. If that ends at a login prompt, the base has no cloud-init.");
            }

            await Task.Delay(Look, time, cancellationToken);
            console.Take(await builder.ReadConsoleAsync(cancellationToken));
        }

        console.Take(await builder.ReadConsoleAsync(cancellationToken) + "\n");
        if (!console.Succeeded)
        {
            throw new ImageException($"The build failed: {console.Failure ?? "the machine went off and did not say why. What it said last stands above"}");
        }
    }

    private async Task CleanAsync(IImageBuilder builder, string name)
    {
        await builder.CleanAsync(CancellationToken.None);
        foreach (var left in folder.Leftovers.ToList())
        {
            Directory.Delete(left, recursive: true);
        }

        if (folder.IsEmpty(name))
        {
            Directory.Delete(Path.GetDirectoryName(folder.FolderOf(name, "none"))!);
        }
    }
}
