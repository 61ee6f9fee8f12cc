using System.IO.Pipelines;
using System.Text;
using Provisioner.Hypervisors.Qemu;

namespace Provisioner.Tests.Qemu;

/// <summary>Against lines recorded from QEMU 7.2.</summary>
public sealed class QmpConnectionTests
{
    private const string Greeting = """{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}}, "capabilities": ["oob"]}}""";

    private readonly Pipe fromQemu = new();
    private readonly Pipe toQemu = new();
    private readonly List<QmpMessage> events = [];

    [Fact(Timeout = 10_000)]
    public async Task It_greets_and_pairs_answers_with_commands_while_events_come_in_between()
    {
        await using var qmp = await OpenAsync();
        var status = qmp.ExecuteAsync("query-status", Token);

        Assert.Equal("""{"execute":"query-status","id":2}""", await SentAsync());
        await SayAsync("""{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "POWERDOWN"}""");
        await SayAsync("""{"return": {"status": "io-error", "singlestep": false, "running": false}, "id": 2}""");

        Assert.Equal("io-error", (await status).Text("status"));
        Assert.Equal("POWERDOWN", Assert.Single(events).Event);
        await fromQemu.Writer.CompleteAsync();
        await qmp.Closed;
    }

    [Fact(Timeout = 10_000)]
    public async Task What_QEMU_refuses_is_an_error_that_says_why()
    {
        await using var qmp = await OpenAsync();
        var quit = qmp.ExecuteAsync("qiut", Token);
        await SayAsync("""{"id": 2, "error": {"class": "CommandNotFound", "desc": "The command qiut has not been found"}}""");

        var failure = await Assert.ThrowsAsync<IOException>(() => quit);

        Assert.Contains("has not been found", failure.Message, StringComparison.Ordinal);
        await fromQemu.Writer.CompleteAsync();
        await qmp.Closed;
    }

    [Fact(Timeout = 10_000)]
    public async Task A_command_that_QEMU_does_not_live_to_answer_fails()
    {
        await using var qmp = await OpenAsync();
        var quit = qmp.ExecuteAsync("quit", Token);

        await fromQemu.Writer.CompleteAsync();

        await Assert.ThrowsAsync<IOException>(() => quit);
        await qmp.Closed;
    }

    [Fact(Timeout = 10_000)]
    public async Task A_QEMU_that_ends_before_it_greets_is_an_error()
    {
        await fromQemu.Writer.CompleteAsync();

        await Assert.ThrowsAsync<IOException>(() => QmpConnection.OpenAsync(Stream(), events.Add, Token));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task<QmpConnection> OpenAsync()
    {
        var opening = QmpConnection.OpenAsync(Stream(), events.Add, Token);
        await SayAsync(Greeting);
        Assert.Equal("""{"execute":"qmp_capabilities","id":1}""", await SentAsync());
        await SayAsync("""{"return": {}, "id": 1}""");
        return await opening;
    }

    private TwoWays Stream() => new(fromQemu.Reader.AsStream(), toQemu.Writer.AsStream());

    private async Task SayAsync(string line) => await fromQemu.Writer.WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"), Token);

    private async Task<string> SentAsync()
    {
        var read = await toQemu.Reader.ReadAsync(Token);
        var line = Encoding.UTF8.GetString(read.Buffer);
        toQemu.Reader.AdvanceTo(read.Buffer.End);
        return line.TrimEnd('\n');
    }
}
