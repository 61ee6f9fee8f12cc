using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Provisioner.Tests.Programs;

namespace Provisioner.Tests.Audit;

/// <summary>The operator's <c>audit list</c> and <c>audit verify</c> as programs, beside the real server.</summary>
public sealed class AuditProgramTests : IDisposable
{
    private const int Patience = 180_000;
    private const string Rule = """{ "rules": [{ "name": "a", "who": { "repository_id": 100 }, "may": { "images": ["*"], "maxVms": 1 } }] }""";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("audit-program-");

    [Fact(Timeout = Patience)]
    public async Task What_a_server_has_done_is_listed_and_whole_and_one_row_that_was_changed_is_named()
    {
        var policy = Path.Combine(_folder.FullName, "policy.json");
        File.WriteAllText(policy, Rule);
        using var server = await ServerProgram.StartAsync([], [], logLevel: "Information", policyFile: policy); // taken before it listens

        await AssertWholeBesideAWriterAsync(server);
        File.WriteAllText(policy, Rule.Replace("\"a\"", "\"b\"", StringComparison.Ordinal));
        await server.LineAsync("Took the policy of");
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(server, server.Token, "other/repository"));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(server, "vbdp_000000000000_wrongwrongwrongwrongwrong", "acme/gpu"));
        await server.StopAsync(); // counted refusals are written

        var rows = await ListAsync(server);
        Assert.Equal(2, rows.Count(row => Word(row, "action") == "policy-loaded"));
        Assert.Contains(rows, row => (Word(row, "action"), Word(row, "outcome"), Word(row, "repository")) == ("vm-denied", "forbidden", "other/repository"));
        Assert.Contains(rows, row => (Word(row, "action"), Word(row, "actor")) == ("sign-in-refused", "address:127.0.0.1"));
        Assert.Equal(Enumerable.Range(1, rows.Count), rows.Select(row => row["sequence"]!.GetValue<int>()));

        var denied = rows.Single(row => (Word(row, "action"), Word(row, "repository")) == ("vm-denied", "other/repository"))["sequence"]!.GetValue<int>();
        Alter(server, denied);
        var (code, output) = await server.OperateAsync("audit", "verify");
        Assert.Equal(1, code);
        Assert.StartsWith($"Row {denied} was altered", output, StringComparison.Ordinal);
    }

    [Theory(Timeout = Patience)]
    [InlineData("--checkpoint takes what the server's log has", "audit", "verify", "--checkpoint", "12:abc")]
    [InlineData("--since takes a time such as", "audit", "list", "--since", "yesterday")]
    [InlineData("--frm", "audit", "list", "--frm", "json")]
    [InlineData("there is no database in", "audit", "verify")]
    public async Task What_cannot_be_checked_is_refused_with_its_cause_and_makes_no_database(string cause, params string[] verb)
    {
        var config = Path.Combine(_folder.FullName, "server.json");
        File.WriteAllText(Path.Combine(_folder.FullName, "cert.pem"), "");
        File.WriteAllText(config, new JsonObject
        {
            ["certFile"] = Path.Combine(_folder.FullName, "cert.pem"),
            ["keyFile"] = Path.Combine(_folder.FullName, "cert.pem"),
            ["dataFolder"] = Path.Combine(_folder.FullName, "data"),
            ["hypervisor"] = "simulated",
        }.ToJsonString());

        using var program = ProductProgram.Start("virtualbox-server", new Dictionary<string, string>(), [.. verb, "--config", config]);

        Assert.Equal(2, await program.ExitAsync());
        Assert.Contains(cause, program.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder.FullName, "data")));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>The log is checked as long as VMs are asked for, and grows meanwhile.</summary>
    private static async Task AssertWholeBesideAWriterAsync(ServerProgram server)
    {
        var verifying = server.OperateAsync("audit", "verify");
        var asked = 0;
        do
        {
            await AskAsync(server, server.Token, "acme/gpu", $"run-{++asked}");
        }
        while (!verifying.IsCompleted);

        var (code, output) = await verifying;
        Assert.True(code == 0, output);
        Assert.StartsWith("Whole: ", output, StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> AskAsync(ServerProgram server, string token, string repository, string id = "run-0")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/vms")
        {
            Content = new StringContent($$"""{ "image": "demo", "id": "{{id}}", "repository": "{{repository}}" }""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new("Bearer", token);
        using var response = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    private static async Task<List<JsonNode>> ListAsync(ServerProgram server)
    {
        var (code, output) = await server.OperateAsync("audit", "list", "--format", "json");
        Assert.True(code == 0, output);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }

    private static string? Word(JsonNode row, string field) => row[field]?.GetValue<string>();

    /// <summary>As one who owns the database can: without its triggers.</summary>
    private static void Alter(ServerProgram server, int sequence)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(server.DataFolder, "provisioner.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT group_concat('DROP TRIGGER ' || name, ';') FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'";
        command.CommandText = $"{command.ExecuteScalar()}; UPDATE audit SET repository = 'acme/gpu' WHERE sequence = {sequence}";
        Assert.Equal(1, command.ExecuteNonQuery());
    }
}
