using System.Security.Cryptography;

namespace Provisioner.Server.Vms;

/// <summary>
/// The label by which the job that asked finds its runner: 128 random bits. The id will not do, because it is made from what everybody
/// can read, and any job of the repository could name it in its <c>runs-on</c>.
/// </summary>
internal static class OwnLabel
{
    private const string Prefix = "vm-";
    private const int Digits = 32;

    public static string Make() => $"{Prefix}{RandomNumberGenerator.GetHexString(Digits, lowercase: true)}";

    /// <summary>Whether a label looks like one that was made here, in whatever case GitHub gives it back.</summary>
    public static bool Is(string label) =>
        label.Length == Prefix.Length + Digits && label.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && label.AsSpan(Prefix.Length).IndexOfAnyExcept(HexDigits) < 0;

    private static readonly System.Buffers.SearchValues<char> HexDigits = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF");
}
