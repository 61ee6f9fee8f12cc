using Provisioner.Client;
using Provisioner.Contracts;
using Provisioner.Tests.Client.Fakes;

namespace Provisioner.Tests.Client;

/// <summary>Workflows written for the original keep their inputs; only an API token comes in addition.</summary>
public sealed class OriginalInputTests
{
    [Fact(Timeout = 20_000)]
    public async Task A_workflow_of_the_original_creates_its_vm()
    {
        using var certificate = TestCertificate.SelfSigned();
        await using var server = (await ScriptedServer.StartAsync(certificate))
            .On("POST /v1/vms", Answers.Is(Answers.Vm()))
            .On("GET /v1/vms/vbx-1/events", Answers.EventsThenSilence(Answers.Change(1, VmPhase.Online)));
        using var step = new StepRun(
            ("action", "create"), ("host", "localhost"), ("port", $"{server.Address.Port}"), ("cert", certificate.ExportCertificatePem()),
            ("image", "debian-12"), ("prefix", "vbx-"), ("id", "1"), ("repo", "acme/widgets"), ("token", "ghp_x"), ("api-token", StepRun.Token));

        var exit = await step.RunAsync();

        Assert.Equal(ExitCode.Ok, exit);
        Assert.Contains("\"id\":\"vbx-1\"", server.Requests.First().Body, StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task Underscores_in_the_names_of_inputs_are_taken_for_dashes()
    {
        using var step = new StepRun(("mode", "create"), ("image", "x"), ("server", "localhost:1"), ("id", "vbx-1"));
        step.Environment["INPUT_API_TOKEN"] = "not a token";

        await step.RunAsync();

        Assert.Contains("api-token: It contains a space", step.Log, StringComparison.Ordinal);
    }
}
