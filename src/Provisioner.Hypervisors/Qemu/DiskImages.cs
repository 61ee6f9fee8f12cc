using System.Globalization;
using System.Text.Json;

namespace Provisioner.Hypervisors.Qemu;

/// <summary>Base images and the overlays on them, through <c>qemu-img</c>.</summary>
internal sealed class DiskImages(QemuOptions options, TimeProvider time)
{
    /// <summary>Anything smaller that passes for a raw disk is some other file.</summary>
    private const long SmallestDisk = 1 << 20;

    private static readonly string[] Imported = ["qcow2", "raw", "vdi", "vmdk", "vpc", "vhdx"];

    /// <summary>Its format and size.</summary>
    /// <exception cref="HypervisorException">No clone can be made of it.</exception>
    public async Task<DiskImageInfo> RequireAsync(BaseImage image, CancellationToken cancellationToken)
    {
        var path = image.Source;
        if (image.Snapshot is { } snapshot)
        {
            throw new HypervisorException(HypervisorFault.SnapshotMissing,
                $"The image '{path}' cannot be cloned from a snapshot '{snapshot}': with QEMU an image is a file. Configure it without a snapshot.");
        }

        // A full path: qemu-img takes others for options or, with a colon in them, for network addresses.
        if (!Path.IsPathFullyQualified(path) || !File.Exists(path))
        {
            throw Unusable(path, "there is no such file. Configure the full path of a qcow2 or raw image");
        }

        return await InspectAsync(path, cancellationToken) switch
        {
            [{ VirtualSize: < SmallestDisk }, ..] => throw Unusable(path, "it is too small to be a disk"),
            [{ Format: "qcow2" or "raw" } top, ..] => top,
            var chain => throw Unusable(path, $"its format is {chain[0].Format}. Convert it: qemu-img convert -O qcow2"),
        };
    }

    /// <summary>A clone cannot do without the end of its image.</summary>
    /// <exception cref="HypervisorException">It is to have a smaller disk than its image.</exception>
    public static void RequireRoom(VmSpecification specification, DiskImageInfo info)
    {
        if (specification.Hardware?.DiskMegabytes < info.Megabytes)
        {
            throw TooSmall.Of(specification, info.Megabytes);
        }
    }

    /// <summary>A disk that begins as the image and keeps its own changes; the image is only ever read.</summary>
    /// <param name="overlay">Path of the new disk.</param>
    /// <param name="specification">Whose disk it is, and how large.</param>
    /// <param name="info">What is known of the image.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public async Task CreateOverlayAsync(string overlay, VmSpecification specification, DiskImageInfo info, CancellationToken cancellationToken)
    {
        var image = specification.Image;
        var wanted = specification.Hardware?.DiskMegabytes ?? specification.DiskMegabytes;
        string[] size = (long?)wanted << 20 > info.VirtualSize ? [string.Create(CultureInfo.InvariantCulture, $"{wanted}M")] : [];
        var result = await RunAsync(["create", "-q", "-f", "qcow2", "-F", info.Format, "-b", image.Source, overlay, .. size], cancellationToken);
        if (result.ExitCode != 0)
        {
            throw result.Error.Contains("No space left", StringComparison.Ordinal)
                ? FullDisk.At(options.Folder)
                : new HypervisorException(HypervisorFault.Failed, $"No clone of '{image.Source}' could be made: {result.FirstError}");
        }
    }

    /// <summary>Copies a disk of any format that others make into one that clones can be made of, and that stands on no other file.</summary>
    /// <exception cref="HypervisorException">It is no disk, is broken, or names another file: that could be any file of this host.</exception>
    public async Task ImportAsync(string source, string target, string into, TimeSpan deadline, CancellationToken cancellationToken)
    {
        switch (await InspectAsync(source, cancellationToken))
        {
            case [{ BackingFile: null, DataFile: null, VirtualSize: >= SmallestDisk } top] when Imported.Contains(top.Format):
                await RequireWholeAsync(source, top.Format, cancellationToken);
                await ConvertAsync(source, top.Format, target, into, deadline, cancellationToken);
                break;
            case [{ BackingFile: null, DataFile: null, VirtualSize: >= SmallestDisk } top]:
                throw Unusable(source, $"its format is {top.Format}; what can be used is {string.Join(", ", Imported)}");
            case [{ BackingFile: null, DataFile: null }]:
                throw Unusable(source, "it is too small to be a disk");
            default:
                throw Unusable(source, "it stands on another file, which it names itself. Use one that is whole in itself: qemu-img convert -O qcow2");
        }
    }

    /// <summary>Writes a disk that stands on no other file, without what is empty in it. A half file is removed.</summary>
    public async Task ConvertAsync(string source, string format, string target, string into, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var isWhole = false;
        try
        {
            var result = await ExternalProgram.RunAsync(
                options.ImageProgram, ["convert", "-q", "-f", format, "-O", into, source, target], deadline, time, cancellationToken);
            isWhole = result.ExitCode == 0;
            if (!isWhole)
            {
                throw result.Error.Contains("No space left", StringComparison.Ordinal)
                    ? FullDisk.At(Path.GetDirectoryName(target)!)
                    : new HypervisorException(HypervisorFault.Failed, $"'{source}' could not be copied: {result.FirstError}");
            }

            PrivateFiles.Restrict(target);
        }
        finally
        {
            if (!isWhole)
            {
                File.Delete(target);
            }
        }
    }

    // A file that was cut off is read as if the rest were empty.
    private async Task RequireWholeAsync(string path, string format, CancellationToken cancellationToken)
    {
        const int CannotCheck = 63, Leaks = 3;
        var result = await RunAsync(["check", "-q", "-f", format, path], cancellationToken);
        if (result.ExitCode is not (0 or Leaks or CannotCheck))
        {
            throw Unusable(path, $"it is damaged or was cut off ({result.FirstError})");
        }
    }

    /// <summary>The file that a machine's disk is an overlay on.</summary>
    /// <exception cref="HypervisorException">The disk cannot be read, or is none of ours.</exception>
    public async Task<string> FindBaseAsync(string disk, CancellationToken cancellationToken) =>
        (await InspectAsync(disk, cancellationToken))[0].BackingFile ?? throw Unusable(disk, "it is the disk of a machine, and damaged: it does not say what it stands on");

    // The image, and what it is an overlay on.
    private async Task<DiskImageInfo[]> InspectAsync(string path, CancellationToken cancellationToken)
    {
        var result = await RunAsync(["info", "--output=json", "--backing-chain", "--force-share", path], cancellationToken);
        var chain = result.ExitCode == 0 ? JsonSerializer.Deserialize(result.Output, QemuJson.Default.DiskImageInfoArray) : null;
        return chain is [_, ..] ? chain : throw Unusable(path, result.FirstError);
    }

    private Task<ProgramResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        ExternalProgram.RunAsync(options.ImageProgram, arguments, options.Deadline, time, cancellationToken);

    private static HypervisorException Unusable(string path, string why) =>
        new(HypervisorFault.ImageUnusable, $"The image '{path}' cannot be used: {why}.");
}
