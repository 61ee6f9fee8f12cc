namespace Provisioner.EndToEndTests;

/// <summary>What the author of a workflow reads when it goes wrong: cause and remedy, an exit code of its own, and nothing left behind.</summary>
public sealed class ClientErrorTests(Stage stage)
{
    private const int Patience = 2 * 60_000;

    public static TheoryData<string, string, int, string> Mistakes { get; } = new()
    {
        { "image", "windows-95", 3, "unknown-image" },
        { "api-token", "vbdp_000000000000_wrongwrongwrongwrongwrong", 4, "unauthenticated" },
        { "repo", "other/repository", 4, "forbidden" },
        { "server", "https://127.0.0.1:1", 7, "refused" },
        { "id", "not/an id", 2, "id" },
        { "mode", "destroy", 2, "mode" },
        { "ca-cert", "not a certificate", 2, "ca-cert" },
    };

    [Theory(Timeout = Patience)]
    [MemberData(nameof(Mistakes))]
    public async Task A_mistake_is_named_with_its_remedy(string input, string value, int exitCode, string word)
    {
        var inputs = new Dictionary<string, string> { ["mode"] = "create", ["name"] = "mistake", ["timeout"] = "20s", [input] = value };
        await using var step = stage.StartAction(inputs);

        Assert.Equal(exitCode, await step.Process.ExitAsync());

        Assert.Contains("::error", step.Process.Output);
        Assert.Contains(word, step.Process.Output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("mistake", await stage.Api.GetStringAsync("/v1/vms", TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = Patience)]
    public async Task A_server_with_another_authoritys_certificate_is_not_trusted()
    {
        var folder = Path.Combine(stage.Folder, "other-authority");
        var made = await NativeProcess.RunAsync(Repository.Program("cert-generator"), ["-host", "localhost,127.0.0.1", "-org", "other", "--out", folder]);
        Assert.True(made.ExitCode == 0, made.Output);

        await using var step = stage.StartAction(new Dictionary<string, string>
        {
            ["mode"] = "create", ["timeout"] = "20s", ["ca-cert"] = await File.ReadAllTextAsync(Path.Combine(folder, "ca.pem"), TestContext.Current.CancellationToken),
        });

        Assert.Equal(7, await step.Process.ExitAsync());
        Assert.Contains("certificate", step.Process.Output, StringComparison.OrdinalIgnoreCase);
    }
}
