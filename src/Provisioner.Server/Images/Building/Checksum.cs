using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Provisioner.Server.Images.Building;

/// <summary>The checksum that a file must have.</summary>
/// <param name="Algorithm">SHA-256 or SHA-512.</param>
/// <param name="Hex">In lower-case hexadecimal.</param>
internal sealed partial record Checksum(HashAlgorithmName Algorithm, string Hex)
{
    private const int Sha256Digits = 64;
    private const int Sha512Digits = 128;

    /// <summary>By the number of digits.</summary>
    public static Checksum? Parse(string hex) => hex switch
    {
        { Length: Sha256Digits } when hex.All(char.IsAsciiHexDigit) => new(HashAlgorithmName.SHA256, hex.ToLowerInvariant()),
        { Length: Sha512Digits } when hex.All(char.IsAsciiHexDigit) => new(HashAlgorithmName.SHA512, hex.ToLowerInvariant()),
        _ => null,
    };

    /// <summary>Looks a file up in a list of checksums, in the forms of sha256sum (<c>hex  name</c>) and of BSD (<c>SHA256 (name) = hex</c>).</summary>
    public static Checksum? Find(string list, string file)
    {
        foreach (var line in list.Split('\n', StringSplitOptions.TrimEntries))
        {
            var match = Plain().Match(line) is { Success: true } plain ? plain : Bsd().Match(line);
            if (match.Success && match.Groups["name"].Value == file)
            {
                return Parse(match.Groups["hex"].Value);
            }
        }

        return null;
    }

    public override string ToString() => $"{Algorithm} {Hex}";

    [GeneratedRegex(@"^(?<hex>[0-9A-Fa-f]+) [ *](?:\./)?(?<name>\S+)$", RegexOptions.NonBacktracking)]
    private static partial Regex Plain();

    [GeneratedRegex(@"^SHA(?:256|512) \((?<name>[^)]+)\) = (?<hex>[0-9A-Fa-f]+)$", RegexOptions.NonBacktracking)]
    private static partial Regex Bsd();
}
