using Provisioner.Client;
using Provisioner.Tests.Programs;

namespace Provisioner.Tests.Client;

/// <summary>A proxy of the environment that does not lead to the server is named: who reads the message would otherwise look for a fault of the server.</summary>
public sealed class ProxyTests
{
    // Nothing listens on a port as low as this one.
    private const string Dead = "127.0.0.1:1";

    [Fact(Timeout = 60_000)]
    public async Task A_proxy_that_refuses_is_named_without_its_password()
    {
        var output = await ListAsync(("HTTPS_PROXY", $"http://me:hush@{Dead}"));

        Assert.Contains($"The proxy {Dead} made no connection to vbox.invalid:8080", output, StringComparison.Ordinal);
        Assert.Contains("NO_PROXY", output, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", output, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_server_that_is_asked_without_the_proxy_is_spoken_of_alone()
    {
        var output = await ListAsync(("HTTPS_PROXY", $"http://{Dead}"), ("NO_PROXY", "vbox.invalid"));

        Assert.DoesNotContain("proxy", output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("vbox.invalid", output, StringComparison.Ordinal);
    }

    private static async Task<string> ListAsync(params (string Name, string Value)[] environment)
    {
        using var program = ProductProgram.Start(
            "virtualbox-client", environment.Append(("VBDP_TOKEN", "vbdp_a_b")).ToDictionary(pair => pair.Item1, pair => pair.Item2), "list", "--server", "https://vbox.invalid:8080");
        var code = (ExitCode)await program.ExitAsync();
        Assert.True(code == ExitCode.Unreachable, program.Output);
        return program.Output;
    }
}
