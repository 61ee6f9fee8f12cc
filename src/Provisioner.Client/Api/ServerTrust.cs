using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Provisioner.Client.Api;

/// <summary>
/// What makes a server the right one: a certificate authority (or the server's own certificate) that was given, a pinned fingerprint,
/// both, or, where nothing was given, the authorities of the system.
/// </summary>
internal sealed record ServerTrust(X509Certificate2Collection? Anchors, byte[]? Fingerprint)
{
    public const string FingerprintRule = "sha256: and 64 hexadecimal digits";

    private const string FingerprintPrefix = "sha256:";

    public static ServerTrust System { get; } = new(null, null);

    /// <summary>Reads one or more certificates: PEM, or base64 of PEM, which survives secrets and shells that fold lines.</summary>
    public static bool TryReadCertificates(string text, [NotNullWhen(true)] out X509Certificate2Collection? certificates)
    {
        certificates = null;
        if (!text.Contains("-----BEGIN", StringComparison.Ordinal) && !TryDecode(text, out text))
        {
            return false;
        }

        try
        {
            var read = new X509Certificate2Collection();
            read.ImportFromPem(text);
            certificates = read.Count > 0 ? read : null;
            return read.Count > 0;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    public static bool TryReadFingerprint(string text, [NotNullWhen(true)] out byte[]? fingerprint)
    {
        fingerprint = null;
        if (!text.StartsWith(FingerprintPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var digits = text[FingerprintPrefix.Length..].Replace(":", "", StringComparison.Ordinal);
        if (digits.Length == 2 * SHA256.HashSizeInBytes && digits.All(char.IsAsciiHexDigit))
        {
            fingerprint = Convert.FromHexString(digits);
        }

        return fingerprint is not null;
    }

    public static string FingerprintOf(X509Certificate2 certificate) =>
        FingerprintPrefix + certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant();

    /// <summary>Null where the system's own rules apply.</summary>
    public X509ChainPolicy? ChainPolicy()
    {
        if (Anchors is null)
        {
            return null;
        }

        // A private authority publishes no revocation list.
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(Anchors);
        return policy;
    }

    private static bool TryDecode(string text, out string decoded)
    {
        var bytes = new byte[text.Length];
        var valid = Convert.TryFromBase64String(text, bytes, out var count);
        decoded = valid ? Encoding.UTF8.GetString(bytes, 0, count) : "";
        return valid;
    }
}
