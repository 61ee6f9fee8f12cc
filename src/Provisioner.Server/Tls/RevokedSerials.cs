using System.Collections.Frozen;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Provisioner.Server.Access;

namespace Provisioner.Server.Tls;

/// <summary>
/// The serial numbers of certificates that count no more, as <c>cert-generator inspect</c> and openssl show them: one a line, hexadecimal,
/// with colons or without. What stands behind a <c>#</c> is a remark. A file that was cut off must not bring anybody back: it ends with a line's end.
/// </summary>
internal sealed class RevokedSerials
{
    private const int MostDigits = 42; // 20 bytes are the most that a serial has, and a zero may stand before them

    private readonly FrozenSet<string> _serials;

    private RevokedSerials(IEnumerable<string> serials) => _serials = serials.ToFrozenSet(StringComparer.Ordinal);

    public static RevokedSerials None { get; } = new([]);

    public bool Contains(X509Certificate2 certificate) => _serials.Contains(Plain(certificate.SerialNumber));

    public static (RevokedSerials? Serials, string? Problem) Parse(byte[] text)
    {
        if (text is not [.., (byte)'\n'])
        {
            return (null, text.Length == 0
                ? "the file is empty, as one that was cut off would be. Where nothing is revoked, write a remark: a line that begins with #."
                : "the last line has no end, as if the file were cut off. End it with a line break.");
        }

        var lines = Encoding.UTF8.GetString(text).Split('\n').Select(line => line.Split('#')[0].Trim()).ToList();
        var wrong = lines.FindIndex(line => line.Length > 0 && !IsSerial(line));
        return wrong < 0
            ? (new RevokedSerials(lines.Where(line => line.Length > 0).Select(Plain)), null)
            : (null, $"line {wrong + 1}: '{ClaimText.Show(lines[wrong])}' is no serial number. Write it as 'cert-generator inspect' shows it, one a line.");
    }

    private static bool IsSerial(string text) =>
        text.Replace(":", "", StringComparison.Ordinal) is { Length: > 0 and <= MostDigits } digits && digits.All(char.IsAsciiHexDigit);

    private static string Plain(string serial) => serial.Replace(":", "", StringComparison.Ordinal).ToUpperInvariant().TrimStart('0');
}
