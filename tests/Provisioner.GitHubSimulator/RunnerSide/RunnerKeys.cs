using System.Security.Cryptography;

namespace Provisioner.GitHubSimulator.RunnerSide;

/// <summary>
/// Keys for new runners. Making one takes a tenth of a second of CPU, too much where a test registers a thousand runners, so that a few
/// are made and given out in turn.
/// </summary>
internal sealed class RunnerKeys
{
    private readonly Lazy<RSAParameters>[] keys = [.. Enumerable.Range(0, 8).Select(_ => new Lazy<RSAParameters>(Make))];
    private int last = -1;

    public RSAParameters Next() => keys[(uint)Interlocked.Increment(ref last) % keys.Length].Value;

    public static byte[] PublicPart(RSAParameters key)
    {
        using var rsa = RSA.Create(key);
        return rsa.ExportSubjectPublicKeyInfo();
    }

    private static RSAParameters Make()
    {
        using var rsa = RSA.Create(2048);
        return rsa.ExportParameters(includePrivateParameters: true);
    }
}
