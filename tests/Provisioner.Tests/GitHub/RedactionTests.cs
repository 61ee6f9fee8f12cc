using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Provisioner.GitHub;
using Provisioner.GitHubSimulator;
using static Provisioner.Tests.GitHub.SimulatedGitHub;

namespace Provisioner.Tests.GitHub;

public sealed class RedactionTests
{
    [Fact]
    public void What_holds_a_secret_does_not_print_it()
    {
        using var rsa = RSA.Create(2048);
        using var key = AppKey.FromPem("Iv23", rsa.ExportRSAPrivateKeyPem());

        Assert.Equal("RegisteredRunner { Id = 1, EncodedJitConfig = *** }", new RegisteredRunner(1, "canary").ToString());
        Assert.Equal("token ***", new TokenCredential("canary").ToString());
        Assert.Equal("App Iv23 ***", key.ToString());
    }

    [Fact(Timeout = 20_000)]
    public async Task No_secret_is_found_in_logs_and_exceptions_of_a_troubled_life()
    {
        using var rsa = RSA.Create(2048);
        await using var github = await StartAsync(options: new SimulatorOptions { AppId = "Iv23", AppPublicKey = rsa.ExportSubjectPublicKeyInfoPem() });
        using var key = AppKey.FromPem("Iv23", rsa.ExportRSAPrivateKeyPem());
        var app = github.App(key);
        github.Fail(new() { Path = "generate-jitconfig", LoseReply = true });
        github.Fail(new() { Method = "GET", Status = 502 });

        var registered = await github.RunnersWith(app).RegisterAsync(Repository, "vm-1", ["vm-1"], Cancelled);
        github.Fail(new() { Method = "DELETE", Status = 403 });
        var refused = await Assert.ThrowsAsync<GitHubException>(() => github.Runners.RemoveAsync(Repository, registered.Id, Cancelled));

        var written = github.AllLogs() + refused;
        Assert.Contains(github.Logs.GetSnapshot(), record => record.Level == LogLevel.Warning);
        Assert.DoesNotContain(Token, written, StringComparison.Ordinal);
        Assert.DoesNotContain(await app.GetTokenAsync(Repository, Cancelled), written, StringComparison.Ordinal);
        Assert.DoesNotContain(registered.EncodedJitConfig[..40], written, StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ", written, StringComparison.Ordinal); // the beginning of every JWT, and of the configuration
    }
}
