using System.Text.Json;

namespace Provisioner.Hypervisors.Qemu;

/// <summary>Base images and the overlays on them, through <c>qemu-img</c>.</summary>
internal sealed class DiskImages(QemuOptions options, TimeProvider time)
{
    /// <summary>Anything smaller that passes for a raw disk is some other file.</summary>
    private const long SmallestDisk = 1 << 20;

    /// <summary>Its format.</summary>
    /// <exception cref="HypervisorException">No clone can be made of it.</exception>
    public async Task<string> RequireAsync(BaseImage image, CancellationToken cancellationToken)
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

        var result = await RunAsync(["info", "--output=json", "--backing-chain", "--force-share", path], cancellationToken);
        var chain = result.ExitCode == 0 ? JsonSerializer.Deserialize(result.Output, QemuJson.Default.DiskImageInfoArray) : null;
        return chain switch
        {
            null or [] => throw Unusable(path, result.FirstError),
            [{ VirtualSize: < SmallestDisk }, ..] => throw Unusable(path, "it is too small to be a disk"),
            [{ Format: "qcow2" or "raw" } top, ..] => top.Format,
            [var top, ..] => throw Unusable(path, $"its format is {top.Format}. Convert it: qemu-img convert -O qcow2"),
        };
    }

    /// <summary>A disk that begins as <paramref name="image"/> and keeps its own changes; the image is only ever read.</summary>
    public async Task CreateOverlayAsync(string overlay, BaseImage image, string format, CancellationToken cancellationToken)
    {
        var result = await RunAsync(["create", "-q", "-f", "qcow2", "-F", format, "-b", image.Source, overlay], cancellationToken);
        if (result.ExitCode != 0)
        {
            throw result.Error.Contains("No space left", StringComparison.Ordinal)
                ? FullDisk.At(options.Folder)
                : new HypervisorException(HypervisorFault.Failed, $"No clone of '{image.Source}' could be made: {result.FirstError}");
        }
    }

    private Task<ProgramResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        ExternalProgram.RunAsync(options.ImageProgram, arguments, options.Deadline, time, cancellationToken);

    private static HypervisorException Unusable(string path, string why) =>
        new(HypervisorFault.ImageUnusable, $"The image '{path}' cannot be used: {why}.");
}
