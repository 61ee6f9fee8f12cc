using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Provisioner.Server.Access;

/// <summary>
/// An API token as its holder has it: <c>vbdp_ID_SECRET</c>, 256 random bits. The id finds the row; only the SHA-256 of the
/// whole is stored, which is enough for a secret that cannot be guessed.
/// </summary>
internal sealed record ApiToken(string Id, string Text)
{
    public const string Prefix = "vbdp_";
    private const int IdLength = 12;

    public byte[] Hash => SHA256.HashData(Encoding.UTF8.GetBytes(Text));

    public static ApiToken Create()
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdLength / 2));
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)).Replace('_', '.');
        return new ApiToken(id, $"{Prefix}{id}_{secret}");
    }

    public static bool TryParse(string? text, [NotNullWhen(true)] out ApiToken? token)
    {
        token = text is { Length: > 20 and < 200 }
            && text.StartsWith(Prefix, StringComparison.Ordinal)
            && text.IndexOf('_', Prefix.Length) == Prefix.Length + IdLength
                ? new ApiToken(text.Substring(Prefix.Length, IdLength), text)
                : null;
        return token is not null;
    }

    public override string ToString() => $"{Prefix}{Id}_***";
}
