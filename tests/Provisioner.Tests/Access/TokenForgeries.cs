using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Provisioner.Tests.Access;

/// <summary>Tokens whose header, signature or shape is not as it must be, though they say what they should.</summary>
internal sealed class TokenForgeries(TestIssuer issuer, Uri elsewhere)
{
    private readonly RSA _strange = RSA.Create(2048);

    private string Claims => issuer.Claims().ToJsonString();

    public Dictionary<string, string> All() => Headers().Concat(Algorithms()).Concat(Signatures()).Concat(Shapes()).ToDictionary(one => one.Name, one => one.Token);

    private IEnumerable<(string Name, string Token)> Headers() =>
    [
        ("kid missing", Signed(header => header.Remove("kid"))),
        ("kid empty", Signed(header => header["kid"] = "")),
        ("kid unknown", Signed(header => header["kid"] = "key-2")),
        ("kid of another kind", Signed(header => header["kid"] = 1)),
        ("kid in a list", Signed(header => header["kid"] = new JsonArray(TestIssuer.KeyId))),
        ("kid as a path", Signed(header => header["kid"] = "../../../dev/null")),
        ("kid in capitals", Signed(header => header["kid"] = TestIssuer.KeyId.ToUpperInvariant())),
        ("kid twice", issuer.Sign($$"""{"kid":"key-2",{{TestIssuer.Header().ToJsonString()[1..]}}""", Claims)),
        ("kid with half a character", issuer.Sign("""{"alg":"RS256","kid":"\ud800"}""", Claims)),
        ("name with half a character", issuer.Sign("""{"alg":"RS256","kid":"key-1","\ud800":1}""", Claims)),
        ("alg missing", Signed(header => header.Remove("alg"))),
        ("alg in small letters", Signed(header => header["alg"] = "rs256")),
        ("alg twice", issuer.Sign($$"""{"alg":"none",{{TestIssuer.Header().ToJsonString()[1..]}}""", Claims)),
        ("typ of another kind", Signed(header => header["typ"] = "at+jwt")),
        ("crit unknown", Signed(header => (header["crit"], header["exp"]) = (new JsonArray("exp"), 1))),
        ("crit b64", Signed(header => (header["crit"], header["b64"]) = (new JsonArray("b64"), false))),
        ("crit empty", Signed(header => header["crit"] = new JsonArray())),
        ("jku", Signed(header => header["jku"] = $"{elsewhere}jwks")),
        ("jku, key of its own", Signed(header => (header["jku"], header["kid"]) = ($"{elsewhere}jwks", "strange"), _strange)),
        ("x5u", Signed(header => header["x5u"] = $"{elsewhere}cert.pem", _strange)),
        ("x5c", Signed(header => header["x5c"] = new JsonArray("MIIB"), _strange)),
        ("jwk", Signed(header => header["jwk"] = Jwk(_strange), _strange)),
        ("nested", Signed(header => header["cty"] = "JWT")),
        ("zip", Signed(header => header["zip"] = "DEF")),
    ];

    private IEnumerable<(string Name, string Token)> Algorithms() =>
    [
        ("none, without a signature", Unsigned("none") + "."),
        ("none, with the signature", $"{Unsigned("none")}.{issuer.Token().Split('.')[2]}"),
        ("NONE", Unsigned("NONE") + "."),
        ("HS256 with the public key, PEM", Hmac(Encoding.ASCII.GetBytes(issuer.Key.ExportSubjectPublicKeyInfoPem()))),
        ("HS256 with the public key, DER", Hmac(issuer.Key.ExportSubjectPublicKeyInfo())),
        ("HS256 with the modulus", Hmac(issuer.Key.ExportParameters(false).Modulus!)),
        ("HS256 with nothing", Hmac([])),
        ("RS384", Rsa("RS384", HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1)),
        ("RS512", Rsa("RS512", HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1)),
        ("PS256", Rsa("PS256", HashAlgorithmName.SHA256, RSASignaturePadding.Pss)),
        ("RS256 that is PS256", Rsa("RS256", HashAlgorithmName.SHA256, RSASignaturePadding.Pss)),
        ("ES256", Elliptic()),
    ];

    private IEnumerable<(string Name, string Token)> Signatures()
    {
        var parts = issuer.Token().Split('.');
        var bytes = Base64Url.DecodeFromChars(parts[2]);
        bytes[100] ^= 1;
        // 256 bytes leave four bits of the last character without a meaning.
        var last = parts[2][^1] == 'A' ? 'B' : (char)(parts[2][^1] + 1);
        return
        [
            ("signed by a stranger", issuer.Sign(TestIssuer.Header(), issuer.Claims(), _strange)),
            ("one bit of the signature", $"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(bytes)}"),
            ("bits of the signature without a meaning", $"{parts[0]}.{parts[1]}.{parts[2][..^1]}{last}"),
            ("signature padded", $"{parts[0]}.{parts[1]}.{parts[2]}=="),
            ("signature cut", $"{parts[0]}.{parts[1]}.{parts[2][..^4]}"),
            ("signature of another token", $"{parts[0]}.{parts[1]}.{issuer.Token().Split('.')[2]}"),
            ("claims changed", $"{parts[0]}.{TestIssuer.Encode(Claims.Replace("acme/gpu", "acme/top", StringComparison.Ordinal))}.{parts[2]}"),
            ("header changed", $"{TestIssuer.Encode("""{"alg":"RS256","kid":"key-1"}""")}.{parts[1]}.{parts[2]}"),
            ("no signature", $"{parts[0]}.{parts[1]}."),
            ("no third part", $"{parts[0]}.{parts[1]}"),
            ("four parts", $"{issuer.Token()}.{parts[2]}"),
            ("five parts", $"{issuer.Token()}.{parts[1]}.{parts[2]}"),
        ];
    }

    private IEnumerable<(string Name, string Token)> Shapes() =>
    [
        ("no token at all", "x"),
        ("dots", ".."),
        ("claims in a list", issuer.Sign(TestIssuer.Header().ToJsonString(), $"[{Claims}]")),
        ("claims that are no JSON", issuer.Sign(TestIssuer.Header().ToJsonString(), Claims[..^1])),
        ("claims with a remark", issuer.Sign(TestIssuer.Header().ToJsonString(), $"/* hm */{Claims}")),
        ("claims with more behind them", issuer.Sign(TestIssuer.Header().ToJsonString(), $"{Claims}{Claims}")),
        ("claims as text", issuer.Sign(TestIssuer.Header().ToJsonString(), "\"claims\"")),
        ("deep claims", issuer.Sign(TestIssuer.Header().ToJsonString(), $$"""{"deep":{{new string('[', 100)}}{{new string(']', 100)}},{{Claims[1..]}}""")),
        ("nested token", issuer.Sign(TestIssuer.Header().ToJsonString(), $"\"{issuer.Token()}\"")),
        ("a token of our own kind", "vbdp_0123456789ab_" + new string('x', 43)),
        ("14 KiB of anything", new string('A', 14 * 1024)),
    ];

    private string Signed(Action<JsonObject> change, RSA? key = null)
    {
        var header = TestIssuer.Header();
        change(header);
        return issuer.Sign(header, issuer.Claims(), key);
    }

    private string Unsigned(string algorithm) => $"{TestIssuer.Encode($$"""{"typ":"JWT","alg":"{{algorithm}}","kid":"{{TestIssuer.KeyId}}"}""")}.{TestIssuer.Encode(Claims)}";

    private string Hmac(byte[] key) => Unsigned("HS256") is var signed ? $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed)))}" : "";

    private string Rsa(string algorithm, HashAlgorithmName hash, RSASignaturePadding padding) =>
        Unsigned(algorithm) is var signed ? $"{signed}.{Base64Url.EncodeToString(issuer.Key.SignData(Encoding.ASCII.GetBytes(signed), hash, padding))}" : "";

    private string Elliptic()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var signed = Unsigned("ES256");
        return $"{signed}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }

    private static JsonObject Jwk(RSA key) => new()
    {
        ["kty"] = "RSA",
        ["kid"] = TestIssuer.KeyId,
        ["n"] = Base64Url.EncodeToString(key.ExportParameters(false).Modulus),
        ["e"] = "AQAB",
    };
}
