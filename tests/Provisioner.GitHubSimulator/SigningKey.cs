using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Provisioner.GitHubSimulator;

/// <summary>The key that signs this GitHub's tokens: identity tokens of jobs, and access tokens of runners.</summary>
internal sealed class SigningKey : IDisposable
{
    private const string File = "signing-key.pem";

    private readonly RSA rsa;
    private readonly RsaSecurityKey key;
    private readonly JsonWebTokenHandler handler = new();

    public SigningKey(SimulatorOptions options)
    {
        rsa = Load(options.Folder);
        key = new RsaSecurityKey(rsa) { KeyId = Convert.ToHexString(SHA256.HashData(rsa.ExportSubjectPublicKeyInfo()))[..40] };
        // The factory's default cache outlives this key.
        key.CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false };
    }

    public string Sign(JsonObject claims) =>
        handler.CreateToken(claims.ToJsonString(), new SigningCredentials(key, SecurityAlgorithms.RsaSha256));

    /// <summary>The token if we signed it and it is not over at <paramref name="now"/>.</summary>
    public async Task<JsonWebToken?> ReadAsync(string token, DateTimeOffset now)
    {
        var result = await handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            IssuerSigningKey = key,
            ValidateIssuer = false,
            ValidateAudience = false,
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            LifetimeValidator = (_, expires, _, _) => expires > now.UtcDateTime,
        });
        return result.IsValid ? (JsonWebToken)result.SecurityToken : null;
    }

    public JsonObject PublicKeySet()
    {
        var numbers = rsa.ExportParameters(includePrivateParameters: false);
        return new JsonObject
        {
            ["keys"] = new JsonArray(new JsonObject
            {
                ["kty"] = "RSA",
                ["alg"] = "RS256",
                ["use"] = "sig",
                ["kid"] = key.KeyId,
                ["n"] = Base64UrlEncoder.Encode(numbers.Modulus),
                ["e"] = Base64UrlEncoder.Encode(numbers.Exponent),
            }),
        };
    }

    public void Dispose() => rsa.Dispose();

    private static RSA Load(string? folder)
    {
        var path = folder is null ? null : Path.Combine(folder, File);
        if (path is not null && System.IO.File.Exists(path))
        {
            var kept = RSA.Create();
            kept.ImportFromPem(System.IO.File.ReadAllText(path));
            return kept;
        }
        var made = RSA.Create(2048);
        if (path is not null)
        {
            PrivateFile.Write(path, made.ExportPkcs8PrivateKeyPem());
        }
        return made;
    }
}
