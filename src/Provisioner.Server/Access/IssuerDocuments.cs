using System.Buffers.Text;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using Provisioner.GitHub;

namespace Provisioner.Server.Access;

/// <summary>
/// Reads the issuer's two documents: the discovery document at its well-known address, and the keys at the address that this names,
/// which must be on the issuer's own host. No redirect is followed, and no document has more than a megabyte.
/// </summary>
internal sealed class IssuerDocuments : IDisposable
{
    private const int LongestDocument = 1024 * 1024;
    private const int MostKeys = 100;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectCallback = OutwardConnection.ConnectAsync,
        ConnectTimeout = ConnectTimeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan, // the caller has a deadline for both
        MaxResponseContentBufferSize = LongestDocument,
    };

    public IssuerDocuments(string issuer)
    {
        Issuer = issuer;
        _http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("virtualbox-server");
    }

    public string Issuer { get; }

    /// <summary>The keys that may sign, by their ids.</summary>
    /// <exception cref="HttpRequestException">It does not answer, or not with a document.</exception>
    /// <exception cref="FormatException">It answers something else than its keys.</exception>
    /// <exception cref="JsonException">The answer is not JSON, or a name stands twice in it.</exception>
    public async Task<IReadOnlyDictionary<string, SecurityKey>> ReadKeysAsync(CancellationToken cancellationToken)
    {
        using var discovery = await ReadAsync(new Uri($"{Issuer}/.well-known/openid-configuration"), cancellationToken);
        if (Text(discovery.RootElement, "issuer") != Issuer)
        {
            throw new FormatException("The discovery document there is of another issuer. Compare oidc.issuer.");
        }

        var host = new Uri(Issuer).GetLeftPart(UriPartial.Authority);
        if (!Uri.TryCreate(Text(discovery.RootElement, "jwks_uri"), UriKind.Absolute, out var address) || address.GetLeftPart(UriPartial.Authority) != host)
        {
            throw new FormatException("Its discovery document names an address of keys that is not on its own host.");
        }

        using var set = await ReadAsync(address, cancellationToken);
        if (set.RootElement.ValueKind != JsonValueKind.Object || !set.RootElement.TryGetProperty("keys", out var keys) || keys.ValueKind != JsonValueKind.Array)
        {
            throw new FormatException("What is at the address of its keys is no set of keys.");
        }

        var found = keys.EnumerateArray().Take(MostKeys).Select(ReadKey).OfType<SecurityKey>().DistinctBy(key => key.KeyId).ToFrozenDictionary(key => key.KeyId);
        return found.Count > 0 ? found : throw new FormatException("Its set of keys has none for RS256.");
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonDocument> ReadAsync(Uri address, CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync(address, cancellationToken);
        return response.StatusCode == System.Net.HttpStatusCode.OK
            ? JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken), Strict)
            : throw new HttpRequestException($"{address} answered {(int)response.StatusCode}.");
    }

    /// <summary>Null for a key of another kind, or one whose size makes it unsafe or slow.</summary>
    private static SecurityKey? ReadKey(JsonElement key)
    {
        if (Text(key, "kty") != "RSA" || Text(key, "kid") is not { Length: > 0 } id || Text(key, "use") is not (null or "sig") || Text(key, "alg") is not (null or "RS256")
            || Bytes(key, "n") is not { Length: >= 256 and <= 1024 } modulus || Bytes(key, "e") is not { Length: > 0 and <= 8 } exponent)
        {
            return null;
        }

        return new RsaSecurityKey(new RSAParameters { Modulus = modulus, Exponent = exponent })
        {
            KeyId = id,
            // The library's own cache would outlive a key that was withdrawn.
            CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false },
        };
    }

    private static byte[]? Bytes(JsonElement from, string name) =>
        Text(from, name) is { } text && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;

    private static string? Text(JsonElement from, string name) =>
        from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
