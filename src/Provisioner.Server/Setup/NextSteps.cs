namespace Provisioner.Server.Setup;

/// <summary>What is left to a person after <c>init</c>: GitHub, an image, the start, the workflow.</summary>
internal static class NextSteps
{
    public static IEnumerable<string> Of(InstallationPlan plan, string? token)
    {
        var config = plan.ConfigurationFile;
        var (sudo, steps) = (plan.User is { } user ? $"sudo -u {user} " : "", new List<string>());
        if (plan is { GitHubApp: null, GitHubTokenFile: null })
        {
            steps.Add($"A GitHub App, which makes and removes runners. Open this, press Create, note the client ID, make a private key, install the App on the repository:\n"
                + $"     {AppAddress(plan.GitHubUrl?.TrimEnd('/') ?? "https://github.com", plan.Repository?.Split('/')[0])}\n"
                + $"     Then name both in {config}, under gitHub (docs/how-to/github-credential.md).");
        }

        if (plan.Images.Count == 0)
        {
            steps.Add($"An image, if there is none: {sudo}virtualbox-server image build images/debian-13.json --config {config}; then name it in {config}, under images.");
        }

        steps.Add($"See what is still missing: {sudo}virtualbox-server doctor --config {config}{(plan.Repository is { } repository ? $" --repository {repository}" : "")}");
        steps.Add($"Start it: sudo systemctl enable --now virtualbox-server (or {sudo}virtualbox-server --config {config})");
        steps.Add($"Into the repository: gh variable set VBDP_CA < {plan.Folder}/ca.pem{(token is null ? "" : "; gh secret set VBDP_TOKEN, with the token below")}; and this workflow:");
        return ["", "Next:", .. steps.Select((step, n) => $"  {n + 1}. {step}"), "", .. Workflow(plan).Split('\n').Select(line => $"     {line}")];
    }

    // GitHub fills its form in from such an address: docs.github.com, "Registering a GitHub App using URL parameters".
    private static string AppAddress(string gitHub, string? owner) =>
        $"{gitHub}/settings/apps/new?name={Uri.EscapeDataString($"vms-{owner ?? Environment.MachineName}")}&url=https%3A%2F%2Fgithub.com&public=false&webhook_active=false&administration=write&actions=read"
        + (owner is null ? "" : $"\n     (of an organisation: {gitHub}/organizations/{owner}/settings/apps/new?… with the same words)");

    private static string Workflow(InstallationPlan plan) =>
        $$$"""
        on: workflow_dispatch
        jobs:
          create:
            runs-on: ubuntu-latest
            outputs: { label: "${{ steps.vm.outputs.label }}" }
            steps:
              - id: vm
                uses: your-org/virtualbox-provisioner@v2
                with: { mode: create, server: "{{{plan.Address}}}", ca-cert: "${{ vars.VBDP_CA }}", api-token: "${{ secrets.VBDP_TOKEN }}", image: {{{(plan.Images.Count > 0 ? plan.Images[0].Alias : "debian-13")}}} }
          test:
            needs: create
            runs-on: ${{ needs.create.outputs.label }}
            steps: [{ run: uname -a }]
        """;
}
