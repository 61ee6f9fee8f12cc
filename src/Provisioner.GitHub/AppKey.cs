using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Provisioner.GitHub;

/// <summary>The private key of a GitHub App, with the App's client id (or App id).</summary>
public sealed class AppKey : IDisposable
{
    // GitHub refuses more than ten minutes, and a clock that is a minute ahead must not make the token "from the future".
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(9);

    private readonly RSA rsa;
    private readonly SigningCredentials signing;

    private AppKey(string issuer, RSA rsa)
    {
        (Issuer, this.rsa) = (issuer, rsa);
        // The factory's default cache outlives the key and would sign with a disposed one.
        var factory = new CryptoProviderFactory { CacheSignatureProviders = false };
        signing = new SigningCredentials(new RsaSecurityKey(rsa), SecurityAlgorithms.RsaSha256) { CryptoProviderFactory = factory };
    }

    public string Issuer { get; }

    /// <summary>Reads a key as GitHub hands it out (PKCS#1) or as tools convert it (PKCS#8).</summary>
    /// <exception cref="FormatException">The text is not an unencrypted RSA private key in PEM form; the message does not quote it.</exception>
    public static AppKey FromPem(string issuer, string pem)
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(pem);
            _ = rsa.ExportRSAPrivateKey(); // a public key imports as well, and would fail only at the first call
            return new AppKey(issuer, rsa);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            rsa.Dispose();
            throw new FormatException(
                "The GitHub App's key is not an unencrypted RSA private key in PEM form. Download it from the App's settings page, 'Private keys'.", e);
        }
    }

    public void Dispose() => rsa.Dispose();

    public override string ToString() => $"App {Issuer} ***";

    internal string CreateJwt(DateTimeOffset now)
    {
        var issuedAt = now - ClockSkew;
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            IssuedAt = issuedAt.UtcDateTime,
            Expires = (issuedAt + Lifetime).UtcDateTime,
            SigningCredentials = signing,
        });
    }
}
