namespace Provisioner.Server.Configuration;

/// <summary>What the configuration of seeds and runners must fulfil. Each error names key, cause and remedy.</summary>
internal static class SeedRules
{
    // Which runner is the server's choice, where it goes and who runs it the image's, and an image is not a clone.
    private static readonly string[] Reserved = ["--runner-version", "--runner-url", "--runner-file", "--runner-sha256", "--no-clean", "--scripts-only", "--runner-dir", "--user", "--help", "-h"];

    public static IEnumerable<string> Errors(ServerOptions options)
    {
        if (!Uri.TryCreate(options.Runner.Releases, UriKind.Absolute, out var releases)
            || !(releases.Scheme == Uri.UriSchemeHttps || (releases.Scheme == Uri.UriSchemeHttp && releases.IsLoopback)))
        {
            yield return $"runner.releases: '{options.Runner.Releases}' is not an https address.";
        }
        else if (releases.UserInfo.Length + releases.Query.Length + releases.Fragment.Length > 0)
        {
            yield return "runner.releases: it has a user, a query or a fragment. Give the plain address: what is asked for is put behind it, and it stands in messages.";
        }

        foreach (var (alias, image) in options.Images)
        {
            if (image.Setup.Count > 0 && image.Seed != ImageSeed.Runner)
            {
                yield return $"images.{alias}.setup: nothing is set up in clones that get no runner. Add \"seed\": \"runner\", or remove it.";
            }

            foreach (var option in image.Setup.Where(option => option.Length == 0 || option.Any(char.IsControl) || Reserved.Contains(option)))
            {
                yield return $"images.{alias}.setup: '{option.ReplaceLineEndings(" ")}' cannot be given here: one option on one line, which runner is the server's choice, and its folder and user are the image's.";
            }
        }
    }
}
