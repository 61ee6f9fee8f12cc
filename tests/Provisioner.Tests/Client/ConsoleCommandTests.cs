using Provisioner.Client;
using Provisioner.Client.Text;
using Provisioner.Contracts;
using Provisioner.Tests.Client.Fakes;

namespace Provisioner.Tests.Client;

/// <summary><c>console</c>: what a guest writes, once or as it comes.</summary>
public sealed class ConsoleCommandTests : IAsyncLifetime
{
    private OperatorRun _operator = null!;

    public async ValueTask InitializeAsync() => _operator = await OperatorRun.StartAsync();

    public ValueTask DisposeAsync() => _operator.DisposeAsync();

    [Fact(Timeout = 20_000)]
    public async Task The_console_is_written_as_text_and_a_refusal_is_told()
    {
        _operator.Server.On("GET /v1/vms/vbx-1/console", Answers.Status(200, "one\ntwo \u001b[2J\n"))
            .On("GET /v1/vms/vbx-2/console", Answers.Problem(409, ProblemCode.NoConsole, "The hypervisor virtualbox keeps no console of its guests."));

        Assert.Equal(ExitCode.Ok, await _operator.RunAsync("console", "vbx-1"));
        Assert.Equal("one\ntwo \\x1b[2J\n", _operator.Out.ToString());
        Assert.Equal(ExitCode.Failure, await _operator.RunAsync("console", "vbx-2"));
        Assert.Contains("virtualbox keeps no console", _operator.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.NotFound, await _operator.RunAsync("console", "vbx-3"));
    }

    [Fact(Timeout = 20_000)]
    public async Task Followed_each_part_is_written_once_until_the_vm_is_gone()
    {
        var time = new ObservedTime();
        _operator.Server.On("GET /v1/vms/vbx-1/console", Answers.Status(200, "one\ntw"), Answers.Status(200, "one\ntwo\n"))
            .On("GET /v1/vms/vbx-1", Answers.Is(Answers.Vm(VmPhase.Online), 200), Answers.Is(Answers.Vm(VmPhase.Online), 200), Answers.Is(Answers.Vm(VmPhase.Gone), 200));

        var running = _operator.RunAsync(time, "console", "vbx-1", "-f");
        await time.PassAsync(TimeSpan.FromSeconds(2));
        await time.PassAsync(TimeSpan.FromSeconds(2));

        Assert.Equal(ExitCode.Ok, await running);
        Assert.Equal("one\ntwo\n", _operator.Out.ToString());
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
}
