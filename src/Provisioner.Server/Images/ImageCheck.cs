using System.Globalization;
using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;

namespace Provisioner.Server.Images;

/// <summary>Whether VMs of an image will work: each thing that is looked at is a line.</summary>
internal sealed class ImageCheck(ServerOptions options, ImageFolder folder, TimeProvider time, Action<string> say)
{
    /// <summary>Whether all is well.</summary>
    public async Task<bool> RunAsync(string name, ImageManifest version, CancellationToken cancellationToken)
    {
        var image = folder.BaseOf(name, version);
        Tell("OK", $"{folder.FolderOf(name, version.Version)}, {(folder.SizeOf(name, version.Version) >> 20).ToString(CultureInfo.InvariantCulture)} MiB, {version.System ?? "system not known"}");
        var isFresh = Age(name, version);
        var sizes = options.Images.Values.FirstOrDefault(image => image.Source == name) ?? new ImageOptions { Cpus = version.Recipe.Cpus, Memory = version.Recipe.Memory };
        try
        {
            var took = await new ImageTrial(options, folder, time).RunAsync(image, sizes, cancellationToken);
            return Tell("OK", string.Create(CultureInfo.InvariantCulture, $"a clone boots and its guest is ready after {took.TotalSeconds:0.0} s")) && isFresh;
        }
        catch (Exception problem) when (problem is ImageException or HypervisorException)
        {
            return Tell("FAIL", problem.Message);
        }
    }

    private bool Age(string name, ImageManifest version)
    {
        var now = time.GetUtcNow();
        return ImageAge.Refusal(name, version, options.Runner, now) is { } refusal ? Tell("FAIL", refusal)
            : ImageAge.Warning(name, version, options.Runner, now) is { } warning ? Tell("WARN", warning)
            : Tell("OK", $"runner {version.RunnerVersion ?? "of unknown version"}, {(int)ImageAge.Of(version, now).TotalDays} days old");
    }

    private bool Tell(string verdict, string what)
    {
        say($"{verdict,-4} {what}");
        return verdict != "FAIL";
    }
}
