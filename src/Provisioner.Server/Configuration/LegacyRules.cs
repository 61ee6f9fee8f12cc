using System.Net;
using Provisioner.Server.Access;

namespace Provisioner.Server.Configuration;

/// <summary>What the lists for the calls of the Go version must fulfil. Each error names key, cause and remedy.</summary>
internal static class LegacyRules
{
    public static IEnumerable<string> Errors(ServerOptions options) =>
        options.Legacy.Enabled ? [.. Missing(options.Legacy), .. Networks(options.Legacy), .. Repositories(options.Legacy), .. Images(options)] : [];

    private static IEnumerable<string> Missing(LegacyOptions legacy) =>
        from list in new[]
        {
            (Key: "networks", Values: legacy.Networks, Example: "10.20.0.0/16"),
            (Key: "repositories", Values: legacy.Repositories, Example: "acme/widgets"),
            (Key: "images", Values: legacy.Images, Example: "debian-12"),
        }
        where list.Values.Count == 0
        select $"legacy.{list.Key}: missing. These calls carry no credential, so all that they may do is listed: [\"{list.Example}\"], for example.";

    private static IEnumerable<string> Networks(LegacyOptions legacy)
    {
        foreach (var text in legacy.Networks)
        {
            if (!IPNetwork.TryParse(text, out var network))
            {
                yield return $"legacy.networks: '{text}' is not a network such as 10.20.0.0/16 or fd00:1::/64.";
            }
            else if (network.PrefixLength == 0)
            {
                yield return $"legacy.networks: '{text}' is everybody, and these calls carry no credential. List the networks of the runners that use the old action.";
            }
            else if (network.BaseAddress.IsIPv4MappedToIPv6)
            {
                yield return $"legacy.networks: '{text}' is an IPv4 network in the clothes of IPv6. Write it as IPv4.";
            }
        }
    }

    private static IEnumerable<string> Repositories(LegacyOptions legacy) =>
        from text in legacy.Repositories
        where text is null || !Grant.IsPattern(text)
        select $"legacy.repositories: '{text}' is neither owner/name nor owner/*.";

    /// <summary>A rehearsal without images has one named demo.</summary>
    private static IEnumerable<string> Images(ServerOptions options) =>
        from alias in options.Legacy.Images
        where alias is null || !(options.Images.ContainsKey(alias) || options is { Hypervisor: HypervisorKind.Simulated, Images.Count: 0 } && alias == "demo")
        select $"legacy.images: '{alias}' is not an image of this server. Add it under 'images'.";
}
