using System.Net.Security;
using System.Runtime.Versioning;

namespace Provisioner.Server.Tls;

/// <summary>The cipher suites that are spoken: with forward secrecy, and such that authenticate what they encrypt (no CBC).</summary>
internal static class CipherSuites
{
    private static readonly TlsCipherSuite[] All =
    [
        TlsCipherSuite.TLS_AES_256_GCM_SHA384, TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ];

    /// <summary>One for all connections: OpenSSL's own settings are kept with it. Null where the system itself decides (Windows, macOS).</summary>
    public static CipherSuitesPolicy? Policy { get; } = OperatingSystem.IsLinux() ? OnLinux() : null;

    [SupportedOSPlatform("linux")]
    private static CipherSuitesPolicy OnLinux() => new(All);
}
