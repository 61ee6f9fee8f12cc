using Provisioner.Client;
using Provisioner.Tests.Client.Fakes;

namespace Provisioner.Tests.Client;

public sealed class InputTests
{
    private static readonly (string, string)[] Good =
    [
        ("mode", "create"), ("image", "debian-12"), ("server", "https://vbox.example.org:8080"), ("api-token", "vbdp_a_b"), ("id", "vbx-1"),
    ];

    [Theory(Timeout = 10_000)]
    [InlineData("mode", "start", "Input mode")]
    [InlineData("image", "", "Input image")]
    [InlineData("server", "http://vbox.example.org", "Input server")]
    [InlineData("server", "https://user@vbox.example.org", "Input server")]
    [InlineData("server", "https://vbox.example.org/path", "Input server")]
    [InlineData("api-token", "", "Input api-token")]
    [InlineData("api-token", "vbdp_a b", "Input api-token")]
    [InlineData("id", "VBX", "Write 'vbx'.")]
    [InlineData("id", "-x", "Write 'x'.")]
    [InlineData("id", "a/b", "Write 'a-b'.")]
    [InlineData("id", "æ", "Input id")]
    [InlineData("prefix", "A_", "Write 'a-vbx-1'.")]
    [InlineData("repo", "widgets", "Input repo")]
    [InlineData("repo", "acme/../x", "Input repo")]
    [InlineData("cpus", "two", "Input cpus")]
    [InlineData("cpus", "0", "Input cpus")]
    [InlineData("memory", "4X", "Input memory")]
    [InlineData("disk", "0", "Input disk")]
    [InlineData("disk", "-4G", "Input disk")]
    [InlineData("disk", "much", "'much' is not the size of a disk.")]
    [InlineData("disk", "99999G", "Input disk")]
    [InlineData("lifetime", "10", "Input lifetime")]
    [InlineData("ttl", "10 minutes", "Input lifetime")]
    [InlineData("timeout", "8d", "Input timeout")]
    [InlineData("ca-cert", "-----BEGIN CERTIFICATE-----\nx", "Input ca-cert")]
    [InlineData("cert", "garbage", "Input ca-cert")]
    [InlineData("server-fingerprint", "sha1:00", "Input server-fingerprint")]
    [InlineData("fail-on-missing", "yes", "Input fail-on-missing")]
    public async Task A_wrong_input_is_refused_by_name_before_anything_is_called(string input, string value, string told)
    {
        using var step = new StepRun([.. Good, (input, value)]);

        var exit = await step.RunAsync();

        Assert.Equal(ExitCode.Usage, exit);
        Assert.Single(Errors(step));
        Assert.Contains(told, Errors(step)[0], StringComparison.Ordinal);
        Assert.Null(StepRun.Value(step.State, "vm_id"));
    }

    [Fact(Timeout = 10_000)]
    public async Task All_wrong_inputs_are_told_at_once()
    {
        using var step = new StepRun(("mode", "x"), ("host", "a b"), ("id", "A"), ("cpus", "-1"));

        var exit = await step.RunAsync();

        Assert.Equal(ExitCode.Usage, exit);
        Assert.Equal(["mode", "host", "api-token", "id", "cpus"], Errors(step).Select(error => error.Split("title=Input ")[1].Split("::")[0]));
    }

    [Fact(Timeout = 10_000)]
    public async Task A_wrong_token_is_not_repeated_in_the_error()
    {
        using var step = new StepRun([.. Good, ("api-token", "vbdp_canary with_space")]);

        await step.RunAsync();

        Assert.DoesNotContain("canary", string.Join('\n', Errors(step)), StringComparison.Ordinal);
    }

    [Fact(Timeout = 10_000)]
    public async Task An_error_of_inputs_leaves_nothing_for_the_post_step_to_do()
    {
        using var step = new StepRun(("mode", "create"));
        await step.RunAsync();
        step.Environment["STATE_started"] = "true";

        Assert.Equal(ExitCode.Ok, await step.RunPostAsync());
    }

    private static List<string> Errors(StepRun step) =>
        [.. step.Log.Split('\n').Where(line => line.StartsWith("::error", StringComparison.Ordinal))];
}
