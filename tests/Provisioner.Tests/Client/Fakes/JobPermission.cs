using System.Text.Json.Nodes;
using Provisioner.GitHubSimulator;

namespace Provisioner.Tests.Client.Fakes;

/// <summary>Gives a step what the runner gives to a job that has <c>id-token: write</c>.</summary>
internal static class JobPermission
{
    public static async Task GrantIdTokensAsync(this StepRun step, Simulator gitHub)
    {
        using var http = new HttpClient();
        using var claims = new StringContent($$"""{"repository":"{{step.Environment["GITHUB_REPOSITORY"]}}","run_id":"7001","run_attempt":"2"}""");
        using var response = await http.PostAsync(new Uri(gitHub.Url, "_simulator/oidc"), claims, TestContext.Current.CancellationToken);
        foreach (var (name, value) in JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!.AsObject())
        {
            step.Environment[name] = (string)value!;
        }
    }
}
