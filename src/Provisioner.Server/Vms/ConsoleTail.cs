using System.Text;
using System.Text.RegularExpressions;

namespace Provisioner.Server.Vms;

/// <summary>The end of a guest's console as it may be shown to its owner: bounded, and without anything that looks like a registration.</summary>
internal static partial class ConsoleTail
{
    public const int MaxLength = 8 * 1024;

    /// <summary>What a hypervisor keeps of a console at most.</summary>
    public const int MaxWhole = 64 * 1024;

    /// <summary>All that there is, as text that no terminal obeys: nothing but letters, tabs and ends of lines. A first line that was cut is left out.</summary>
    public static string Plain(string console)
    {
        var plain = LongBase64().Replace(Commands().Replace(console.ReplaceLineEndings("\n"), ""), "***");
        var tail = plain.Length > MaxWhole ? plain[^MaxWhole..] : plain;
        return Encoding.UTF8.GetByteCount(console) >= MaxWhole ? tail[(tail.IndexOf('\n') + 1)..] : tail;
    }

    public static string? Cut(string console)
    {
        // Everybody who may see the VM is shown a failure; the label, with which one can take its runner, is its owner's.
        var hidden = Label().Replace(LongBase64().Replace(console, "***"), "vm-***");
        var tail = hidden.Length > MaxLength ? hidden[^MaxLength..] : hidden;
        return tail.Trim() is { Length: > 0 } text ? text : null;
    }

    /// <summary>No line that a person reads holds 200 such characters without a break; an encoded registration holds thousands.</summary>
    [GeneratedRegex("[A-Za-z0-9+/=_-]{200,}")]
    private static partial Regex LongBase64();

    [GeneratedRegex("\\bvm-[0-9a-fA-F]{32}\\b")]
    private static partial Regex Label();

    /// <summary>What commands a terminal: sequences that begin with ESC, and all that is invisible.</summary>
    [GeneratedRegex(@"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}-[\n\t]]")]
    private static partial Regex Commands();
}
