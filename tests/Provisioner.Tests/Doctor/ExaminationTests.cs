using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Provisioner.Contracts;
using Provisioner.Server.Configuration;
using Provisioner.Server.Doctor;
using Provisioner.Server.Store;
using Provisioner.Tests.Server;

namespace Provisioner.Tests.Doctor;

/// <summary>The whole examination, beside a server that runs or does not.</summary>
public sealed class ExaminationTests
{
    private const int Patience = 60_000;

    [Fact(Timeout = Patience)]
    public async Task Beside_a_server_that_can_do_its_work_nothing_fails()
    {
        await using var server = await RunningServer.StartAsync();

        var found = await ExamineAsync(server.Options, "acme/gpu");

        Assert.DoesNotContain(found, finding => finding.Verdict == Verdict.Fail);
        Assert.Equal(Verdict.Ok, Of(found, "server").Verdict);
        Assert.Contains("is ready", Of(found, "server").Detail, StringComparison.Ordinal);
        Assert.Equal("It may manage the runners of acme/gpu, of which there are 0", Of(found, "credential").Detail);
        Assert.Equal("1 API token", Of(found, "callers").Detail);
        Assert.Equal(Verdict.Warn, Of(found, "rehearsal").Verdict);
        Assert.All(found, finding => Assert.Equal(finding.Verdict == Verdict.Ok, finding.Remedy is null));
    }

    [Fact(Timeout = Patience)]
    public async Task What_is_missing_is_named_with_what_mends_it_and_nothing_is_made_by_looking()
    {
        await using var server = await RunningServer.StartAsync();
        var nowhere = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var free = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        var found = await ExamineAsync(
            server.Options with { Port = free, DataFolder = nowhere, Images = [], GitHub = server.Options.GitHub with { Token = null } }, repository: null);

        Assert.Equal(Verdict.Warn, Of(found, "server").Verdict);
        Assert.Contains("systemctl start virtualbox-server", Of(found, "server").Remedy, StringComparison.Ordinal);
        Assert.Equal((Verdict.Fail, Verdict.Fail, Verdict.Fail), (Of(found, "images").Verdict, Of(found, "callers").Verdict, Of(found, "credential").Verdict));
        Assert.Contains("token create", Of(found, "callers").Remedy, StringComparison.Ordinal);
        Assert.False(Directory.Exists(nowhere));
    }

    [Fact(Timeout = Patience)]
    public async Task A_store_of_another_version_is_told_and_left_as_it_is()
    {
        await using var server = await RunningServer.StartAsync();
        await using var connection = new SqliteConnection($"Data Source={SqliteDialect.FileIn(server.Options.DataFolder)}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version = 3";
        command.ExecuteNonQuery();

        var found = await ExamineAsync(server.Options, repository: null);

        command.CommandText = "PRAGMA user_version";
        Assert.Equal(3L, command.ExecuteScalar());
        Assert.Equal(Verdict.Warn, Of(found, "callers").Verdict);
        Assert.Contains("is of another version (schema 3, here", Of(found, "callers").Detail, StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task A_credential_that_GitHub_refuses_is_told_in_words()
    {
        await using var server = await RunningServer.StartAsync();

        var found = await ExamineAsync(server.Options with { GitHub = server.Options.GitHub with { Token = "ghp_wrong" } }, "acme/gpu");

        Assert.Equal(Verdict.Fail, Of(found, "credential").Verdict);
        Assert.DoesNotContain("ghp_wrong", Of(found, "credential").Detail, StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task Something_else_that_listens_at_the_port_is_not_taken_for_the_server()
    {
        await using var server = await RunningServer.StartAsync();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var answering = Task.Run(async () =>
        {
            using var one = await other.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
            await one.GetStream().WriteAsync("SSH-2.0-OpenSSH_9.2\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        }, TestContext.Current.CancellationToken);

        var found = await ListenerCheck.LookAsync(server.Options with { Port = ((IPEndPoint)other.LocalEndpoint).Port }, TestContext.Current.CancellationToken);

        await answering;
        Assert.Equal(Verdict.Fail, found.Single().Verdict);
        Assert.Contains("ss -ltnp", found.Single().Remedy, StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task What_became_of_the_VMs_of_the_last_day_is_told_by_its_most_frequent_cause()
    {
        var now = Rows.Noon.AddHours(3);
        var failure = new VmFailure(ProblemCode.GuestSilent, "Its runner was not online in time.", "See the network of the guest.");

        var found = VmsCheck.Judge([Rows.Vm("a") with { Failure = failure }, Rows.Vm("b") with { Failure = failure }, Rows.Vm("c")], now);

        Assert.Equal(Verdict.Warn, found.Verdict);
        Assert.Equal("2 of 3 within a day failed, 2 of them by guest-silent. a: Its runner was not online in time.", found.Detail);
        Assert.Equal("See the network of the guest.", found.Remedy);
        Assert.Equal(Verdict.Ok, VmsCheck.Judge([Rows.Vm("a") with { Failure = failure }], now.AddDays(2)).Verdict);
    }

    private static async Task<List<Finding>> ExamineAsync(ServerOptions options, string? repository)
    {
        var found = new List<Finding>();
        await foreach (var finding in new Examination(options, new HostFacts(), repository, TimeProvider.System).RunAsync(TestContext.Current.CancellationToken))
        {
            found.Add(finding);
        }

        return found;
    }

    private static Finding Of(List<Finding> found, string check) => found.Single(finding => finding.Check == check);
}
