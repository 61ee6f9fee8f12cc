using System.Text.Json.Nodes;

namespace Provisioner.EndToEndTests;

/// <summary>Waits for what nobody is told of, by looking again.</summary>
internal static class WarmServer
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>Returns when as many wait warm as shall.</summary>
    public static async Task ReadyAsync(SecondServer server)
    {
        while (JsonNode.Parse(await server.Api.GetStringAsync("/v1/images", TestContext.Current.CancellationToken))![0]! is var image
            && (image["warm"] ?? image["saved"]) is var warm && (int?)warm?["ready"] < (int?)warm?["wanted"])
        {
            await Task.Delay(Look, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Returns when no machine of ours is there any more.</summary>
    public static async Task EmptyAsync(string machines)
    {
        while (Directory.EnumerateDirectories(machines, "vbdp-*").Any())
        {
            await Task.Delay(Look, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
