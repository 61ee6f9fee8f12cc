using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Provisioner.Certificates;

/// <summary>A name or address by which clients reach the server, as it stands in the certificate.</summary>
/// <param name="Text">The DNS name in its ASCII form, lower case, or the address.</param>
/// <param name="Address">The address; null for a DNS name.</param>
public sealed record HostName(string Text, IPAddress? Address = null)
{
    /// <summary>Reads one name. Null, with the problem in words, for what cannot stand in a certificate.</summary>
    public static HostName? TryParse(string text, out string problem)
    {
        problem = FindMistake(text);
        if (problem.Length > 0)
        {
            return null;
        }

        return text.Contains(':') ? ParseIPv6(text, out problem)
            : text.All(c => char.IsAsciiDigit(c) || c == '.') ? ParseIPv4(text, out problem)
            : ParseDns(text, out problem);
    }

    public override string ToString() => Text;

    private static string FindMistake(string text) => text switch
    {
        "" => "a name is empty",
        _ when text.Any(char.IsWhiteSpace) => $"'{text}' has a space in it; put a comma between names",
        _ when text.Any(char.IsControl) => "a name has a control character in it",
        _ when text.Contains("://", StringComparison.Ordinal) => $"'{text}' is a URL; give the host name only",
        _ when text.Contains('/') => $"'{text}' has a slash in it; give the host name or one address only",
        _ when text.StartsWith('[') => $"'{text}': write an IPv6 address without brackets and port",
        _ => "",
    };

    private static HostName? ParseIPv6(string text, out string problem)
    {
        var valid = IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6;
        problem = !valid ? $"'{text}' is no IPv6 address, and a name has no port"
            : text.Contains('%') ? $"'{text}': leave out the zone after '%'"
            : address!.Equals(IPAddress.IPv6Any) ? "'::' means every address; give those that clients connect to"
            : "";
        return problem.Length == 0 ? new HostName(address!.ToString(), address) : null;
    }

    // IPAddress reads "1" as 0.0.0.1 and "010.0.0.1" as octal: only what comes back as it was written is an address.
    private static HostName? ParseIPv4(string text, out string problem)
    {
        var valid = IPAddress.TryParse(text, out var address) && address.ToString() == text;
        problem = !valid ? $"'{text}' is no IPv4 address"
            : address!.Equals(IPAddress.Any) ? "'0.0.0.0' means every address; give those that clients connect to"
            : "";
        return problem.Length == 0 ? new HostName(text, address) : null;
    }

    private static HostName? ParseDns(string text, out string problem)
    {
        var wildcard = text.StartsWith("*.", StringComparison.Ordinal);
        if (ToAscii(wildcard ? text[2..] : text) is not { } ascii)
        {
            problem = $"'{text}' is no valid international name";
            return null;
        }

        var labels = ascii.Split('.');
        problem = ascii.Contains('*') ? $"'{text}': a wildcard is the whole first part of a name, as in *.example.com"
            : wildcard && labels.Length < 2 ? $"'{text}' would stand for a whole top-level domain; a wildcard needs two parts after it"
            : ascii.Length > 253 ? $"'{text[..20]}…' is longer than 253 characters"
            : labels.Any(label => !IsLabel(label)) ? $"'{text}' is no host name: its parts are 1 to 63 letters, digits and inner dashes"
            : "";
        return problem.Length == 0 ? new HostName(wildcard ? $"*.{ascii}" : ascii) : null;
    }

    private static string? ToAscii(string text)
    {
        try
        {
            return text.All(char.IsAscii) ? text.ToLowerInvariant() : new IdnMapping().GetAscii(text).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-' && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
