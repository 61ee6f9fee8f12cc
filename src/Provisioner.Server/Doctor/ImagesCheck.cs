using Microsoft.Extensions.Logging.Abstractions;
using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;
using Provisioner.Server.Images;

namespace Provisioner.Server.Doctor;

/// <summary>Whether VMs can be cloned of each image, and whether GitHub will take its runner.</summary>
internal static class ImagesCheck
{
    private const string Page = "docs/how-to/build-an-image.md";

    public static async Task<IReadOnlyList<Finding>> LookAsync(ServerOptions options, IHypervisor hypervisor, TimeProvider time, CancellationToken cancellationToken)
    {
        if (options.Images.Count == 0)
        {
            return [Finding.Fail("images", "There are none: nobody can ask for a VM.", "virtualbox-server image build images/debian-13.json, then name it in the configuration", Page)];
        }

        var catalog = new ImageCatalog(hypervisor, options, time, NullLogger<ImageCatalog>.Instance, writes: false);
        return [.. (await catalog.ListAsync(cancellationToken)).Select(image => Judge(image, options.Runner))];
    }

    private static Finding Judge(ImageView image, RunnerOptions runner) => image switch
    {
        { Usable: false } => Finding.Fail($"image {image.Alias}", image.Problem ?? "It cannot be used.", "Mend or replace what images.<alias>.source names.", Page),
        { RunnerAge: { } age } when runner.WarnAge > TimeSpan.Zero && age > runner.WarnAge.TotalDays => Finding.Warn(
            $"image {image.Alias}", $"Its runner is {age} days old; from about 30 days on GitHub refuses it.", $"virtualbox-server image refresh {image.Alias} --promote", Page),
        { RunnerAge: { } age } => Finding.Ok($"image {image.Alias}", $"Version {image.Version}, runner {image.RunnerVersion ?? "unknown"}, {age} days old"),
        _ => Finding.Warn(
            $"image {image.Alias}", "It can be cloned. It was not built here, so that nobody knows how old its runner is: from about 30 days on GitHub refuses it.",
            "virtualbox-server image build images/debian-13.json", Page),
    };
}
