using Provisioner.Client.Workflow;

namespace Provisioner.Tests.Client;

public sealed class WorkflowLogTests : IDisposable
{
    private readonly StringWriter _output = new();

    private WorkflowLog Log => new(_output, TimeProvider.System);

    public void Dispose() => _output.Dispose();

    [Fact]
    public void Titles_and_messages_are_escaped_as_the_runner_wants_it()
    {
        Log.Error("a:b,c%", "50% of\nit: x, y");

        Assert.Equal("::error title=a%3Ab%2Cc%25::50%25 of\\x0ait: x, y\n", _output.ToString());
    }

    [Fact]
    public void Each_line_of_a_secret_is_masked_and_an_empty_one_is_not()
    {
        Log.Mask("one%\n\ntwo");
        Log.Mask("");

        Assert.Equal("::add-mask::one%25\n::add-mask::two\n", _output.ToString());
    }

    [Theory]
    [InlineData("::error::x")]
    [InlineData("x\n::set-env name=A::b")]
    [InlineData("##[add-mask]x")]
    public void A_message_of_the_server_is_never_a_command(string message)
    {
        Log.Change("booting", message);

        var line = Assert.Single(_output.ToString().TrimEnd('\n').Split('\n'));
        Assert.False(line.TrimStart().StartsWith("::", StringComparison.Ordinal));
        Assert.DoesNotContain("##[", line, StringComparison.Ordinal);
    }
}
