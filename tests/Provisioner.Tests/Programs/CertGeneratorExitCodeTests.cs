using Provisioner.Certificates;

namespace Provisioner.Tests.Programs;

/// <summary>What the real program cert-generator ends with. Its page's list: <see cref="ExitCodePageTests"/>.</summary>
public sealed class CertGeneratorExitCodeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("exit-code").FullName;

    [Fact(Timeout = 120_000)]
    public async Task What_was_made_is_done_and_what_is_there_already_is_a_failure()
    {
        string[] make = ["--host", "localhost", "--out", _folder];
        string[] inspect = ["inspect", Path.Combine(_folder, "cert.pem")];

        Assert.Equal(ExitCodes.Done, await EndsAsync("Next: store ca.pem", make));
        Assert.Equal(ExitCodes.Failed, await EndsAsync("These files exist and are not replaced", make));
        Assert.Equal(ExitCodes.Done, await EndsAsync("Days left", inspect));
        Assert.Equal(ExitCodes.Failed, await EndsAsync("Days left", [.. inspect, "--within", "9999"]));
    }

    [Theory(Timeout = 120_000)]
    [InlineData(ExitCodes.Done, "--help", "Exit codes: ")]
    [InlineData(ExitCodes.Failed, "inspect /nonexistent/cert.pem", "/nonexistent/cert.pem")]
    [InlineData(ExitCodes.Failed, "renew --out /nonexistent", "There is no ca.pem")]
    [InlineData(ExitCodes.WrongCall, "frobnicate", "Unrecognized command or argument 'frobnicate'.")]
    [InlineData(ExitCodes.WrongCall, "--frobnicate", "Unrecognized command or argument '--frobnicate'.")]
    [InlineData(ExitCodes.WrongCall, "inspect", "Required argument 'FILE' missing")]
    [InlineData(ExitCodes.WrongCall, "--host a!b", "Not all names can stand in a certificate")]
    [InlineData(ExitCodes.WrongCall, "completion tcsh", "Argument 'tcsh' not recognized.")]
    public async Task Each_verb_ends_with_its_code_and_says_why(int code, string words, string says) => Assert.Equal(code, await EndsAsync(says, words.Split(' ')));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<int> EndsAsync(string says, string[] words)
    {
        using var program = ProductProgram.Start("cert-generator", new Dictionary<string, string>(), words);
        var code = await program.ExitAsync();
        Assert.Contains(says, program.Output, StringComparison.Ordinal);
        return code;
    }
}
