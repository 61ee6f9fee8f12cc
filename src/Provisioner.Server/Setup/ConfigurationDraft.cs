using System.Text.Encodings.Web;
using System.Text.Json;
using Provisioner.Server.Configuration;
using Provisioner.Server.Images;

namespace Provisioner.Server.Setup;

/// <summary>The text of a first configuration, with a word on each key. It is read back before it is written, as the server will.</summary>
internal static class ConfigurationDraft
{
    public static string Of(InstallationPlan plan) =>
        $$"""
        // The configuration of virtualbox-server. All keys: docs/reference/configuration.md. After a change: systemctl restart virtualbox-server (VMs run on).
        {
          // Where to listen. 0.0.0.0 is every IPv4 address of this machine.
          "host": "0.0.0.0",
          "port": {{plan.Port}},

          // From cert-generator. There is no plain HTTP.
          "certFile": {{Text(Path.Combine(plan.Folder, "cert.pem"))}},
          "keyFile": {{Text(Path.Combine(plan.Folder, "key.pem"))}},

          // The database, and the images that 'virtualbox-server image build' makes.
          "dataFolder": {{Text(plan.DataFolder)}},
          "imageFolder": {{Text(plan.ImageFolder)}},

          "hypervisor": {{Text(plan.Hypervisor.ToString().ToLowerInvariant())}},{{Machines(plan)}}

          // What makes and removes runners at GitHub: docs/how-to/github-credential.md.
          "gitHub": {{{GitHub(plan)}}
          },

          // Workflows prove who they are for this audience. What they may do then is said by a file of rules: docs/how-to/write-a-policy.md.
          "oidc": { "audience": {{Text(plan.Address)}} },
          // "policyFile": {{Text(Path.Combine(plan.Folder, "policy.json"))}},

          // What can be asked for, by alias.
          "images": {{{Images(plan)}}
          },

          "vms": {
            "maxRunning": 4, // further ones wait
            "lifetime": "02:00:00", // of a VM whose workflow does not say
            "maxLifetime": "06:00:00",
          },
        }

        """;

    private static string Machines(InstallationPlan plan) => plan.Hypervisor switch
    {
        HypervisorKind.VirtualBox => $"\n  // The clones live here, and nothing else does.\n  \"virtualBox\": {{ \"machineFolder\": {Text(Path.Combine(plan.Home, "machines"))} }},",
        HypervisorKind.Qemu => $"\n  // The clones live here, and nothing else does.\n  \"qemu\": {{ \"folder\": {Text(Path.Combine(plan.Home, "machines"))} }},",
        HypervisorKind.Simulated => "",
    };

    private static string GitHub(InstallationPlan plan) => (plan.GitHubUrl is { } url ? $"\n    \"url\": {Text(url)}," : "") + Credential(plan);

    private static string Credential(InstallationPlan plan) => plan switch
    {
        { GitHubApp: { } app, GitHubKey: { } key } => $"\n    \"appClientId\": {Text(app)},\n    \"appKeyFile\": {Text(key)},",
        { GitHubTokenFile: { } file } => $"\n    \"tokenFile\": {Text(file)},",
        _ => $"\n    // \"appClientId\": \"Iv23li…\",\n    // \"appKeyFile\": {Text(Path.Combine(plan.Folder, "github-app.pem"))},",
    };

    private static string Images(InstallationPlan plan)
    {
        var built = new ImageFolder(plan.ImageFolder).Names.Select(name => (Alias: name, Source: name));
        var all = plan.Images.Concat(built.Where(image => plan.Images.All(named => named.Alias != image.Alias))).ToList();
        return all.Count > 0
            ? string.Concat(all.Select(image => $"\n    {Text(image.Alias)}: {{ \"source\": {Text(image.Source)}, \"cpus\": 2, \"memory\": 4096 }},"))
            : "\n    // \"debian-13\": { \"source\": \"debian-13\", \"cpus\": 2, \"memory\": 4096 }, // after: virtualbox-server image build images/debian-13.json";
    }

    private static string Text(string value) => $"\"{JsonEncodedText.Encode(value, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
