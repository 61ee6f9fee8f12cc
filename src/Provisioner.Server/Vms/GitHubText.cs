using System.Text.RegularExpressions;

namespace Provisioner.Server.Vms;

/// <summary>What GitHub said, without what differs each time it says it: the same trouble is one event, however often it is met. The log has it all.</summary>
internal static partial class GitHubText
{
    public static string Steady(string message) => Varying().Replace(message, "");

    [GeneratedRegex(@",? request [A-Za-z0-9:._-]+| in \d+(\.\d+)? (s|seconds?|minutes?)| until [0-9T:Z.+-]{8,}")]
    private static partial Regex Varying();
}
