using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Provisioner.GitHubSimulator.Oidc;

namespace Provisioner.Tests.Access;

/// <summary>An issuer whose keys a test holds, so that it can sign what GitHub never would, and that notes what it is asked.</summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    public const string Audience = "https://vbox.example.org:8080";

    /// <summary>The id of the owner acme.</summary>
    public const string Acme = "65";
    public const string KeyId = "key-1";

    private readonly WebApplication _app;

    private TestIssuer(WebApplication app) => _app = app;

    public RSA Key { get; } = RSA.Create(2048);

    public string Url { get; private set; } = "";

    /// <summary>The paths that were asked for.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    /// <summary>The keys that are published; a test may add and remove.</summary>
    public ConcurrentDictionary<string, RSA> Keys { get; } = [];

    /// <summary>Answers instead of the issuer, for the paths that it has.</summary>
    public ConcurrentDictionary<string, RequestDelegate> Instead { get; } = [];

    public static async Task<TestIssuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var issuer = new TestIssuer(app);
        issuer.Keys[KeyId] = issuer.Key;
        app.Run(issuer.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        issuer.Url = app.Urls.Single();
        return issuer;
    }

    /// <summary>The claims of a workflow of acme/gpu, as they are when its token is fetched now.</summary>
    public JsonObject Claims(DateTimeOffset? now = null)
    {
        var claims = IdToken.UsualClaims(Url, now ?? TimeProvider.System.GetUtcNow());
        claims["repository"] = "acme/gpu";
        claims["run_id"] = "7001";
        claims["run_attempt"] = "2";
        IdToken.Complete(claims, Audience);
        return claims;
    }

    public static JsonObject Header() => new() { ["typ"] = "JWT", ["alg"] = "RS256", ["kid"] = KeyId, ["x5t"] = "eDV0" };

    public string Token(DateTimeOffset? now = null) => Sign(Header(), Claims(now));

    /// <summary>A token of another repository than acme/gpu.</summary>
    public string TokenOf(string repository)
    {
        var claims = Claims();
        claims["repository"] = repository;
        claims["repository_owner"] = repository.Split('/')[0];
        claims["repository_owner_id"] = repository.StartsWith("acme/", StringComparison.Ordinal) ? Acme : "66";
        return Sign(Header(), claims);
    }

    /// <summary>A token of another run than 7001.</summary>
    public string TokenOfRun(string run)
    {
        var claims = Claims();
        claims["run_id"] = run;
        return Sign(Header(), claims);
    }

    public string Sign(JsonNode header, JsonNode claims, RSA? key = null) => Sign(header.ToJsonString(), claims.ToJsonString(), key);

    public string Sign(string header, string claims, RSA? key = null)
    {
        var signed = $"{Encode(header)}.{Encode(claims)}";
        return $"{signed}.{Base64Url.EncodeToString((key ?? Key).SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        Key.Dispose();
    }

    private Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.ToString();
        Asked.Enqueue(path);
        return Instead.TryGetValue(path, out var answer) ? answer(context) : path switch
        {
            "/.well-known/openid-configuration" => context.Response.WriteAsync($$"""{"issuer":"{{Url}}","jwks_uri":"{{Url}}/.well-known/jwks"}"""),
            "/.well-known/jwks" => context.Response.WriteAsync(KeySet().ToJsonString()),
            _ => context.Response.WriteAsync("nothing"),
        };
    }

    private JsonObject KeySet() => new() { ["keys"] = new JsonArray([.. Keys.Select(key => Published(key.Key, key.Value))]) };

    private static JsonObject Published(string id, RSA key)
    {
        var numbers = key.ExportParameters(includePrivateParameters: false);
        return new JsonObject
        {
            ["kty"] = "RSA",
            ["use"] = "sig",
            ["alg"] = "RS256",
            ["kid"] = id,
            ["n"] = Base64Url.EncodeToString(numbers.Modulus),
            ["e"] = Base64Url.EncodeToString(numbers.Exponent),
        };
    }
}
