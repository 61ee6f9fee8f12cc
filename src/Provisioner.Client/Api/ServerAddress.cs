using System.Diagnostics.CodeAnalysis;

namespace Provisioner.Client.Api;

/// <summary>Reads the address of a server as people write it.</summary>
internal static class ServerAddress
{
    public const int DefaultPort = 8080;

    public const string Rule = "an https URL such as https://vbox.example.org:8080, without user, path or query";

    /// <summary>A URL, or just <c>host</c> or <c>host:port</c>. Without a port it is the server's default, not 443, unless a scheme was written.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Uri? address)
    {
        var url = text.Contains("://", StringComparison.Ordinal) ? text : $"https://{WithPort(text)}";
        return Uri.TryCreate(url, UriKind.Absolute, out address)
            && address is { Scheme: "https", Host.Length: > 0, UserInfo: "", Query: "", Fragment: "", AbsolutePath: "/" };
    }

    /// <summary>The two inputs of the original; the port may be empty.</summary>
    public static bool TryParse(string host, string port, [NotNullWhen(true)] out Uri? address)
    {
        address = null;
        var name = host.Contains(':') && !host.StartsWith('[') ? $"[{host}]" : host;
        return ushort.TryParse(port.Length == 0 ? $"{DefaultPort}" : port, out var number) && number > 0
            && Uri.CheckHostName(host.Trim('[', ']')) != UriHostNameType.Unknown
            && TryParse($"https://{name}:{number}", out address);
    }

    private static string WithPort(string host) => host.Split(']')[^1].Contains(':') ? host : $"{host}:{DefaultPort}";
}
