using System.Buffers;
using System.Security.Cryptography;
using Provisioner.Hypervisors;

namespace Provisioner.Server.Placement;

/// <summary>The names of machines that are made before anybody asks. No caller can ask for one: it stays the machine's when somebody has taken it.</summary>
internal static class WarmName
{
    private const string Prefix = "warm-";
    private const int Digits = 32;
    private const int Length = 5 + Digits;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    public static VmId Make() => VmId.Parse($"{Prefix}{RandomNumberGenerator.GetHexString(Digits, lowercase: true)}");

    /// <summary>Whether a name has the form of those that are made here.</summary>
    public static bool Is(VmId id) =>
        id.Value is { Length: Length } name && name.StartsWith(Prefix, StringComparison.Ordinal) && name.AsSpan(Prefix.Length).IndexOfAnyExcept(HexDigits) < 0;
}
