using System.Runtime.InteropServices;
using System.Text.Json;

namespace Provisioner.Server.Images.Building;

/// <summary>A release of the official runner, as GitHub's REST API tells it: <c>GET /repos/actions/runner/releases/latest</c>.</summary>
internal static class RunnerRelease
{
    private const string Digest = "sha256:";

    /// <summary>Where the release's tarball for this processor is, its checksum, and its age.</summary>
    /// <param name="downloads">Reads it.</param>
    /// <param name="releases">Whom it asks (<c>runner.releases</c>).</param>
    /// <param name="version">Which; the newest one when absent.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="ImageException">It is not there, or GitHub tells no checksum.</exception>
    public static async Task<RunnerSource> FindAsync(Downloads downloads, string releases, string? version, CancellationToken cancellationToken)
    {
        var address = new Uri(new Uri(releases.TrimEnd('/') + "/"), version is null ? "latest" : $"tags/v{Uri.EscapeDataString(version)}");
        return Read(await downloads.ReadTextAsync(address, cancellationToken), RuntimeInformation.OSArchitecture);
    }

    /// <summary>Reads GitHub's answer.</summary>
    public static RunnerSource Read(string answer, Architecture processor)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            var release = document.RootElement;
            var version = release.GetProperty("tag_name").GetString()!.TrimStart('v');
            var file = $"actions-runner-linux-{(processor == Architecture.Arm64 ? "arm64" : "x64")}-{version}.tar.gz";
            var asset = release.GetProperty("assets").EnumerateArray().FirstOrDefault(asset => asset.GetProperty("name").GetString() == file);
            return asset.ValueKind == JsonValueKind.Object && asset.TryGetProperty("digest", out var digest) && digest.GetString() is { } text && text.StartsWith(Digest, StringComparison.Ordinal)
                && Checksum.Parse(text[Digest.Length..]) is { } checksum
                ? new RunnerSource
                {
                    Url = new Uri(asset.GetProperty("browser_download_url").GetString()!),
                    Sha256 = checksum.Hex,
                    Version = version,
                    Released = release.GetProperty("published_at").GetDateTimeOffset(),
                }
                : throw new ImageException($"GitHub tells no checksum of {file}. Give runner.url and runner.sha256 in the recipe.");
        }
        catch (Exception problem) when (problem is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new ImageException($"GitHub's answer about the runner's release cannot be read: {problem.Message}");
        }
    }
}
