using System.CommandLine;
using Provisioner.Server.Commands;
using Provisioner.Tests.Certificates;

namespace Provisioner.Tests.Programs;

/// <summary>All programs complete their command lines in the same way; the client's own tests have the rest.</summary>
public sealed class CompletionTests
{
    [Theory]
    [InlineData("bash", "complete -o default -F _cert-generator cert-generator")]
    [InlineData("zsh", "#compdef cert-generator")]
    [InlineData("fish", "complete -c cert-generator")]
    [InlineData("pwsh", "-CommandName cert-generator")]
    public async Task The_certificate_generator_writes_a_script(string shell, string part)
    {
        using var program = new CertGeneratorFixture();

        Assert.Equal(0, await program.RunAsync("completion", shell));
        Assert.Contains(part, program.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _virtualbox-server virtualbox-server")]
    [InlineData("zsh", "#compdef virtualbox-server")]
    [InlineData("fish", "complete -c virtualbox-server")]
    [InlineData("pwsh", "-CommandName virtualbox-server")]
    public async Task The_server_writes_a_script(string shell, string part) => Assert.Contains(part, await ServerAsync("completion", shell), StringComparison.Ordinal);

    [Fact]
    public async Task Shells_are_told_what_the_certificate_generator_knows()
    {
        using var program = new CertGeneratorFixture();

        await program.RunAsync("[suggest:2]", "re");

        Assert.Equal(["renew"], Lines(program.Output));
        Assert.Empty(program.Error);
        Assert.Empty(program.Files());
    }

    [Fact]
    public async Task Shells_are_told_what_the_server_knows() => Assert.Equal(["build"], Lines(await ServerAsync("[suggest:8]", "image bu")));

    private static async Task<string> ServerAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        await ServerCommand.Create().Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = output }, TestContext.Current.CancellationToken);
        return output.ToString();
    }

    private static string[] Lines(string text) => text.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
