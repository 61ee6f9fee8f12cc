using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Provisioner.RunnerStandIn;

/// <summary>Buys access tokens with an assertion signed by the runner's key. The JWT is made by hand: the guest's program stays small.</summary>
internal sealed class OAuthClient(HttpClient http, TimeProvider time, string clientId, Uri authorizationUrl, RSA key) : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>Whether the assertion must be signed the way that FIPS wants it.</summary>
    public bool Fips { get; init; }

    public async Task<string> GetTokenAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, authorizationUrl)
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                ["client_assertion"] = Assertion(),
            }),
        };
        var answer = await http.CallAsync(request, cancellationToken);
        return answer?.Text("access_token") ?? throw new FormatException("The token endpoint answered nothing.");
    }

    public void Dispose() => key.Dispose();

    private string Assertion()
    {
        var now = time.GetUtcNow();
        var header = new JsonObject { ["typ"] = "JWT", ["alg"] = Fips ? "PS256" : "RS256" };
        var claims = new JsonObject
        {
            ["sub"] = clientId,
            ["iss"] = clientId,
            ["aud"] = authorizationUrl.ToString(),
            ["jti"] = Guid.NewGuid().ToString(),
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + Lifetime).ToUnixTimeSeconds(),
        };
        var signed = $"{Encode(header)}.{Encode(claims)}";
        var padding = Fips ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1;
        var signature = key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, padding);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));
}
