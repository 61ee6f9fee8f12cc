namespace Provisioner.Server.Configuration;

/// <summary>What the configuration of seeds and runners must fulfil. Each error names key, cause and remedy.</summary>
internal static class SeedRules
{
    // Which runner is the server's choice, and an image is not a clone.
    private static readonly string[] Reserved = ["--runner-version", "--runner-url", "--runner-file", "--runner-sha256", "--no-clean", "--scripts-only"];

    public static IEnumerable<string> Errors(ServerOptions options)
    {
        if (!Uri.TryCreate(options.Runner.Releases, UriKind.Absolute, out var releases)
            || !(releases.Scheme == Uri.UriSchemeHttps || (releases.Scheme == Uri.UriSchemeHttp && releases.IsLoopback)))
        {
            yield return $"runner.releases: '{options.Runner.Releases}' is not an https address.";
        }

        foreach (var (alias, image) in options.Images)
        {
            if (image.Setup.Count > 0 && image.Seed == ImageSeed.None)
            {
                yield return $"images.{alias}.setup: nothing is set up without a seed. Add \"seed\": \"scripts\" or \"runner\", or remove it.";
            }

            foreach (var option in image.Setup.Where(option => option.Length == 0 || option.Any(char.IsControl) || Reserved.Contains(option)))
            {
                yield return $"images.{alias}.setup: '{option.ReplaceLineEndings(" ")}' cannot be given here: one option on one line, and which runner is the server's choice.";
            }
        }
    }
}
