using Provisioner.Client;
using Provisioner.Client.Commands;
using Provisioner.Client.Text;
using Provisioner.Contracts;
using Provisioner.Tests.Client.Fakes;

namespace Provisioner.Tests.Client;

/// <summary><c>console</c>: what a guest writes, once or as it comes.</summary>
public sealed class ConsoleCommandTests : IAsyncLifetime
{
    private readonly TestCertificate _authority = new();
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();
    private ScriptedServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ScriptedServer.StartAsync(_authority.Sign());

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _authority.Dispose();
    }

    [Fact(Timeout = 20_000)]
    public async Task The_console_is_written_as_text_and_a_refusal_is_told()
    {
        _server.On("GET /v1/vms/vbx-1/console", Answers.Status(200, "one\ntwo \u001b[2J\n"))
            .On("GET /v1/vms/vbx-2/console", Answers.Problem(409, ProblemCode.NoConsole, "The hypervisor virtualbox keeps no console of its guests."));

        Assert.Equal(ExitCode.Ok, await RunAsync(TimeProvider.System, "console", "vbx-1"));
        Assert.Equal("one\ntwo \\x1b[2J\n", _out.ToString());
        Assert.Equal(ExitCode.Failure, await RunAsync(TimeProvider.System, "console", "vbx-2"));
        Assert.Contains("virtualbox keeps no console", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.NotFound, await RunAsync(TimeProvider.System, "console", "vbx-3"));
    }

    [Fact(Timeout = 20_000)]
    public async Task Followed_each_part_is_written_once_until_the_vm_is_gone()
    {
        var time = new ObservedTime();
        _server.On("GET /v1/vms/vbx-1/console", Answers.Status(200, "one\ntw"), Answers.Status(200, "one\ntwo\n"))
            .On("GET /v1/vms/vbx-1", Answers.Is(Answers.Vm(VmPhase.Online), 200), Answers.Is(Answers.Vm(VmPhase.Online), 200), Answers.Is(Answers.Vm(VmPhase.Gone), 200));

        var running = RunAsync(time, "console", "vbx-1", "-f");
        await time.PassAsync(TimeSpan.FromSeconds(2));
        await time.PassAsync(TimeSpan.FromSeconds(2));

        Assert.Equal(ExitCode.Ok, await running);
        Assert.Equal("one\ntwo\n", _out.ToString());
    }

    [Theory]
    [InlineData("", "abc", "abc")]
    [InlineData("abc", "abcdef", "def")]
    [InlineData("abc", "abc", "")]
    [InlineData("zzabc", "abcdef", "abcdef")] // nothing that is surely the same
    [InlineData("abc", "xyz", "xyz")]
    public void What_has_come_is_what_was_not_there_before(string before, string now, string came) => Assert.Equal(came, Growth.Of(before, now));

    [Fact]
    public void What_has_come_is_found_also_where_the_beginning_was_cut()
    {
        var text = string.Concat(Enumerable.Range(0, 20_000).Select(number => $"line {number}\n"));
        var (before, now) = (text[1000..66_000], text[5000..70_000]);

        Assert.Equal(text[66_000..70_000], Growth.Of(before, now));
    }

    private Task<ExitCode> RunAsync(TimeProvider time, params string[] arguments)
    {
        var environment = new Dictionary<string, string> { ["VBDP_SERVER"] = _server.Address.ToString(), ["VBDP_CA"] = _authority.AuthorityPem, ["VBDP_TOKEN"] = "vbdp_canary" };
        return new CommandLine(new CommandContext(environment, new StringReader(""), _out, _error, time)).RunAsync(arguments, TestContext.Current.CancellationToken);
    }
}
