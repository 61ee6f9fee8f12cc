using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Provisioner.GitHubSimulator.State;

namespace Provisioner.GitHubSimulator.RunnerSide;

/// <summary>
/// Writes just-in-time configurations: base64 of a JSON object of file names and base64 contents. The runner reads the names
/// inside by exact case in the key file (it uses .NET's serialisation look-up there), so they are written as it spells them.
/// </summary>
internal sealed class JitConfig(Addresses addresses)
{
    public string Encode(SimulatedRunner runner, RSAParameters key, string workFolder) => Base64(new JsonObject
    {
        [".runner"] = Base64(Settings(runner, workFolder)),
        [".credentials"] = Base64(Credentials(runner)),
        [".credentials_rsaparams"] = Base64(KeyFile(key)),
    });

    // A runner that finds a ServerUrl other than ServerUrlV2 also connects to it, in the older protocol.
    private JsonObject Settings(SimulatedRunner runner, string workFolder) => new()
    {
        ["AgentId"] = runner.Id,
        ["AgentName"] = runner.Name,
        ["PoolId"] = 1,
        ["PoolName"] = "Default",
        ["DisableUpdate"] = true,
        ["Ephemeral"] = runner.Ephemeral,
        ["WorkFolder"] = workFolder,
        ["UseV2Flow"] = true,
        ["ServerUrl"] = addresses.Broker.ToString(),
        ["ServerUrlV2"] = addresses.Broker.ToString(), // the trailing slash matters: paths are resolved against it
    };

    private JsonObject Credentials(SimulatedRunner runner) => new()
    {
        ["Scheme"] = "OAuth",
        ["Data"] = new JsonObject
        {
            ["ClientId"] = runner.ClientId.ToString(),
            ["AuthorizationUrl"] = addresses.RunnerToken.ToString(),
            ["RequireFipsCryptography"] = "True",
        },
    };

    private static JsonObject KeyFile(RSAParameters key) => new()
    {
        ["d"] = Convert.ToBase64String(key.D!),
        ["dp"] = Convert.ToBase64String(key.DP!),
        ["dq"] = Convert.ToBase64String(key.DQ!),
        ["exponent"] = Convert.ToBase64String(key.Exponent!),
        ["inverseQ"] = Convert.ToBase64String(key.InverseQ!),
        ["modulus"] = Convert.ToBase64String(key.Modulus!),
        ["p"] = Convert.ToBase64String(key.P!),
        ["q"] = Convert.ToBase64String(key.Q!),
    };

    private static string Base64(JsonObject json) => Convert.ToBase64String(Encoding.UTF8.GetBytes(json.ToJsonString()));
}
