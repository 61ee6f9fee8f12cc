using Provisioner.Server.Configuration;

namespace Provisioner.Server.Images;

/// <summary>
/// How old the runner of an image is. It counts from the runner's release; where that is not known, from the day on which the image was
/// built, which is no earlier.
/// </summary>
internal static class ImageAge
{
    public static TimeSpan Of(ImageManifest image, DateTimeOffset now) => now - (image.RunnerReleased ?? image.Built);

    /// <summary>Why it cannot be used any more; null if it can.</summary>
    public static string? Refusal(string name, ImageManifest image, RunnerOptions options, DateTimeOffset now) =>
        options.MaxAge > TimeSpan.Zero && Of(image, now) > options.MaxAge
            ? $"the runner of image {name}{Version(image)} is {Days(image, now)} days old, and GitHub takes none that is older than about 30. Run: virtualbox-server image refresh {name} --promote"
            : null;

    /// <summary>What is said where its clones install a newer one at boot.</summary>
    public static string Detour(string name, ImageManifest image, string? newer, DateTimeOffset now) =>
        $"The runner of image {name}{Version(image)} is {Days(image, now)} days old: each clone installs {newer} at boot, which takes its time. Run: virtualbox-server image refresh {name} --promote";

    /// <summary>What should be done soon; null if nothing.</summary>
    public static string? Warning(string name, ImageManifest image, RunnerOptions options, DateTimeOffset now) =>
        options.WarnAge > TimeSpan.Zero && Of(image, now) > options.WarnAge
            ? $"The runner of image {name}{Version(image)} is {Days(image, now)} days old. Run: virtualbox-server image refresh {name} --promote"
            : null;

    private static int Days(ImageManifest image, DateTimeOffset now) => (int)Of(image, now).TotalDays;

    private static string Version(ImageManifest image) => image.RunnerVersion is { } version ? $", {version}," : "";
}
