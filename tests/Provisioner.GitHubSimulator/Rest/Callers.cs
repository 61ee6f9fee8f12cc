using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Provisioner.GitHubSimulator.Rest;

/// <summary>Knows the tokens: those given at the start, those minted for installations, and an App's JWT.</summary>
internal sealed class Callers(SimulatorOptions options, TimeProvider time) : IDisposable
{
    public static readonly TimeSpan InstallationTokenLifetime = TimeSpan.FromHours(1);

    private static readonly TimeSpan LongestJwt = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, (Caller Caller, DateTimeOffset Until)> minted = new();
    private readonly RSA? appKey = ImportKey(options.AppPublicKey);

    public async Task<Caller?> IdentifyAsync(string? authorization)
    {
        var token = authorization?.Split(' ', 2) is [var scheme, var rest] && scheme.ToLowerInvariant() is "bearer" or "token" ? rest.Trim() : "";
        if (token.Length == 0)
        {
            return null;
        }
        if (minted.TryGetValue(token, out var installation))
        {
            return time.GetUtcNow() < installation.Until ? installation.Caller : null;
        }
        return options.Tokens.Contains(token) ? new Caller(CallerKind.Administrator)
            : options.WorkflowTokens.Contains(token) ? new Caller(CallerKind.Limited)
            : await IsAppAsync(token) ? new Caller(CallerKind.App)
            : null;
    }

    public string Mint(Caller caller)
    {
        var token = "ghs_" + RandomNumberGenerator.GetHexString(36, lowercase: true);
        minted[token] = (caller, time.GetUtcNow() + InstallationTokenLifetime);
        return token;
    }

    /// <summary>As if the installation had been suspended and come back: what was minted is worth nothing any more.</summary>
    public void RevokeMinted() => minted.Clear();

    public void Dispose() => appKey?.Dispose();

    private async Task<bool> IsAppAsync(string token)
    {
        if (appKey is null || token.Count(c => c == '.') != 2)
        {
            return false;
        }
        var now = time.GetUtcNow().UtcDateTime;
        var result = await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            IssuerSigningKey = new RsaSecurityKey(appKey) { CryptoProviderFactory = new() { CacheSignatureProviders = false } },
            ValidIssuer = options.AppId,
            ValidateAudience = false,
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            LifetimeValidator = (_, expires, _, _) => expires > now && expires <= now + LongestJwt,
        });
        return result.IsValid && ((JsonWebToken)result.SecurityToken).IssuedAt <= now;
    }

    private static RSA? ImportKey(string? pem)
    {
        if (pem is null)
        {
            return null;
        }
        var rsa = RSA.Create();
        rsa.ImportFromPem(pem);
        return rsa;
    }
}
