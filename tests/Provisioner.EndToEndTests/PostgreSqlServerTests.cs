using System.Net;
using System.Text.Json.Nodes;
using Provisioner.Tests.Store;

namespace Provisioner.EndToEndTests;

/// <summary>The published programs on PostgreSQL: what native compilation has left of its provider is enough.</summary>
public sealed class PostgreSqlServerTests(Stage stage) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("end-to-end-pg").FullName;

    [Fact(Timeout = 180_000)]
    public async Task Tokens_and_vms_are_kept_in_it_and_its_password_nowhere()
    {
        Assert.SkipWhen(PostgreSqlCluster.Problem is not null, PostgreSqlCluster.Problem ?? "");
        await using var cluster = await PostgreSqlCluster.StartAsync();
        var connection = await cluster.MakeDatabaseAsync();
        await using var server = await SecondServer.StartAsync(stage, _folder, configuration =>
        {
            configuration["hypervisor"] = "simulated";
            configuration["store"] = new JsonObject { ["postgreSql"] = new JsonObject { ["connection"] = connection, ["passwordFile"] = cluster.PasswordFile } };
        });

        using var created = await server.CreateAsync("""{"image": "debian", "id": "run-pg"}""");
        var events = await server.Api.GetStringAsync("/v1/vms/run-pg/events", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Accepted, created.StatusCode);
        Assert.Contains("VM, disk and registration are gone.", events, StringComparison.Ordinal);
        Assert.DoesNotContain(PostgreSqlCluster.Password, server.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder, "data", "provisioner.db")));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
