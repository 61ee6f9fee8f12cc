using Microsoft.Extensions.Logging.Abstractions;

namespace Provisioner.Hypervisors.Qemu;

/// <summary>An image is a file. It is built in a folder of machines of its own, so that the server's are not concerned.</summary>
/// <param name="options">How the server runs QEMU.</param>
/// <param name="work">Full path of the folder in which it is built. Removed with all that is in it.</param>
/// <param name="time">The clock of deadlines.</param>
public sealed class QemuImageBuilder(QemuOptions options, string work, TimeProvider time) : IImageBuilder
{
    private const string Disk = "disk.qcow2";
    private static readonly VmId Machine = VmId.Parse("build");

    private readonly QemuHypervisor builder = new(options with { Folder = Path.Combine(work, "machines") }, time, NullLogger<QemuHypervisor>.Instance);
    private readonly QemuHypervisor server = new(options, time, NullLogger<QemuHypervisor>.Instance);

    private string Base => Path.Combine(work, "base.qcow2");

    public async Task StartAsync(ImageOrder order, CancellationToken cancellationToken)
    {
        PrivateFiles.CreateFolder(work);
        await new DiskImport(options, time).ToQcow2Async(order.Disk, Base, order.Deadline, cancellationToken);
        var specification = new VmSpecification
        {
            Id = Machine, Image = new BaseImage(Base), Cpus = order.Cpus, MemoryMegabytes = order.MemoryMegabytes, DiskMegabytes = order.DiskMegabytes,
            SeedDisk = order.Seed, Label = Machine.Value, Owner = Machine.Value, Repository = Machine.Value,
        };
        await builder.EnsureClonedAsync(specification, cancellationToken);
        await builder.EnsureStartedAsync(Machine, cancellationToken);
    }

    public async Task<bool> IsOnAsync(CancellationToken cancellationToken) => (await builder.ListAsync(cancellationToken)).Any(vm => vm.Power switch
    {
        VmPower.Off => false,
        VmPower.On => true,
        VmPower.Broken => throw StoppedBuild.In(work),
    });

    public Task<string> ReadConsoleAsync(CancellationToken cancellationToken) => builder.ReadConsoleAsync(Machine, cancellationToken);

    public async Task<BaseImage> SealAsync(ImageOrder order, CancellationToken cancellationToken)
    {
        var sealedDisk = Path.Combine(work, Disk);
        await builder.SealAsync(Machine, sealedDisk, order.Deadline, cancellationToken);
        PrivateFiles.CreateFolder(order.Folder);
        File.Move(sealedDisk, Path.Combine(order.Folder, Disk));
        return new BaseImage(Path.Combine(order.Folder, Disk));
    }

    public async Task CleanAsync(CancellationToken cancellationToken)
    {
        foreach (var vm in await builder.ListAsync(cancellationToken))
        {
            await builder.EnsureGoneAsync(vm.Id, cancellationToken);
        }

        if (Directory.Exists(work))
        {
            Directory.Delete(work, recursive: true);
        }
    }

    public async Task<bool> IsInUseAsync(BaseImage image, CancellationToken cancellationToken) =>
        (await server.ListImagesInUseAsync(cancellationToken)).Contains(image.Source);

    public Task RemoveAsync(BaseImage image, string folder, CancellationToken cancellationToken)
    {
        Directory.Delete(folder, recursive: true);
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await builder.DisposeAsync();
        await server.DisposeAsync();
    }
}
