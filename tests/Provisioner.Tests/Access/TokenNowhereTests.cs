using System.Text;
using Provisioner.Server.Access;
using Provisioner.Tests.Programs;

namespace Provisioner.Tests.Access;

/// <summary>No credential that anybody sends, good or bad, comes out again: not in a log at its most talkative, an answer, a file or a list (threat T12).</summary>
public sealed class TokenNowhereTests
{
    [Fact(Timeout = 120_000)]
    public async Task What_was_sent_to_be_let_in_is_found_nowhere()
    {
        using var server = await ServerProgram.StartAsync([], [], logLevel: "Trace");
        var unknown = ApiToken.Create().Text;
        var forged = $"{Convert.ToBase64String(Encoding.UTF8.GetBytes("""{"alg":"RS256","kid":"canary-1"}""")).TrimEnd('=')}.{new string('Q', 300)}.canarySignature0123456789";
        string[] secrets = [server.Token, server.Token.Split('_')[2], unknown, unknown.Split('_')[2], $"{server.Token}x", forged, "canarySignature", "canary-1", "canary:password"];
        var said = new StringBuilder();

        await server.CreateAsync("run-1");
        foreach (var header in new[] { $"Bearer {unknown}", $"Bearer {server.Token}x", $"Bearer {forged}", $"Basic {Convert.ToBase64String("canary:password"u8)}", $"Token {server.Token}", server.Token, "Bearer canary-1" })
        {
            said.Append(await AskAsync(server, HttpMethod.Get, "/v1/vms", header)).Append(await AskAsync(server, HttpMethod.Delete, "/v1/vms/run-1", header));
        }

        said.Append(await AskAsync(server, HttpMethod.Get, $"/v1/vms/run-1?token={server.Token}&access_token={unknown}", $"Bearer {server.Token}"));
        said.Append(await AskAsync(server, HttpMethod.Delete, "/v1/vms/run-1", $"Bearer {server.Token}"));
        said.Append(await server.EventsToTheEndAsync("run-1"));
        said.Append((await server.OperateAsync("token", "list")).Output).Append((await server.OperateAsync("audit", "list", "--format", "json")).Output);
        await server.StopAsync();

        var data = Directory.EnumerateFiles(server.DataFolder).Select(file => Encoding.Latin1.GetString(File.ReadAllBytes(file))).ToList();
        Assert.Contains("Audit checkpoint", server.Output, StringComparison.Ordinal);
        Assert.NotEmpty(data);
        foreach (var secret in secrets)
        {
            Assert.DoesNotContain(secret, said.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain(secret, server.Output, StringComparison.Ordinal);
            Assert.All(data, file => Assert.DoesNotContain(secret, file, StringComparison.Ordinal));
        }
    }

    private static async Task<string> AskAsync(ServerProgram server, HttpMethod method, string path, string authorization)
    {
        using var http = server.OpenHttp();
        http.DefaultRequestHeaders.Authorization = null;
        http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
        using var request = new HttpRequestMessage(method, path);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
