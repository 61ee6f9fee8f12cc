using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace Provisioner.Server.Audit;

/// <summary>A place in the audit log, and the hash that it had: noted elsewhere, it is a checkpoint against which the log can be held later.</summary>
internal sealed record AuditMark(long Sequence, byte[] Hash)
{
    /// <summary>Before the first row.</summary>
    public static AuditMark Beginning { get; } = new(0, new byte[SHA256.HashSizeInBytes]);

    public bool Fits(byte[] hash) => Hash.AsSpan().SequenceEqual(hash);

    public override string ToString() => $"{Sequence.ToString(CultureInfo.InvariantCulture)}:{Convert.ToHexStringLower(Hash)}";

    public static bool TryParse(string text, [NotNullWhen(true)] out AuditMark? mark)
    {
        mark = text.Split(':') is [var number, { Length: SHA256.HashSizeInBytes * 2 } hash]
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            && hash.All(char.IsAsciiHexDigit)
                ? new AuditMark(sequence, Convert.FromHexString(hash))
                : null;
        return mark is not null;
    }
}
