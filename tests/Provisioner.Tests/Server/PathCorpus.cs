namespace Provisioner.Tests.Server;

/// <summary>Three hundred texts that mean another place than they should, to one program or another.</summary>
internal static class PathCorpus
{
    /// <summary>Part of each text that names a file, to look for it afterwards.</summary>
    public const string Canary = "canary-7f3a";

    // Ways to write "one folder up and then": plain, escaped once and twice, overlong UTF-8, Windows', full-width, with what some programs drop.
    private static readonly string[] Ups =
    [
        "../", "..\\", "..%2f", "..%2F", "..%5c", "%2e%2e/", "%2e%2e%2f", "%2E%2E%5C", "%2e%2e\\", ".%2e/", "%2e./", "..%252f", "%252e%252e%252f", "..%25252f", "%c0%ae%c0%ae%c0%af", "%c0%ae%c0%ae/",
        "..%c0%af", "..%c1%9c", "%e0%80%ae%e0%80%ae%e0%80%af", "%f0%80%80%ae%f0%80%80%ae/", "..%ef%bc%8f", "%uff0e%uff0e%u2215", "..%u2215", "．．／", "..∕", "..／", "‥/", "....//", "....\\\\", "..;/",
        ".. /", "..%00/", "..%0d%0a/", "..%09/", "..//", "..\\/", "./../", "a/../../", "vbdp-x/../../", "%2f..%2f..%2f",
    ];

    private static readonly string[] Names = [Canary, $"{Canary}.json", $"{Canary}%00.json", $"{Canary}/", $"../{Canary}"];

    private static readonly string[] Devices = ["CON", "PRN", "AUX", "NUL", "COM1", "LPT9", "CONIN$", "CLOCK$", "con.json", "nul.", "NUL:", "aux.txt", "COM1:", "\\\\.\\NUL", "\\\\?\\C:\\x", "//./CON"];

    public static IReadOnlyList<string> All(string sandbox) =>
    [
        .. Ups.SelectMany(up => Names.Select(name => string.Concat(Enumerable.Repeat(up, 3)) + name)),
        .. Devices,
        .. Absolute(sandbox),
        .. Odd(),
    ];

    private static IEnumerable<string> Absolute(string sandbox) => from root in new[]
        {
            $"{sandbox}/", $"/{sandbox}/", $"file://{sandbox}/", $"file:{sandbox}/", sandbox.Replace("/", "%2f", StringComparison.Ordinal) + "%2f", sandbox.Replace("/", "%252f", StringComparison.Ordinal) + "%252f", "/proc/self/cwd/",
            "/proc/self/root/tmp/", "/dev/shm/", "~/", "~root/", "$HOME/", "${HOME}/", "%HOME%/", "C:\\", "C:/", "c:", "\\\\localhost\\c$\\", "//localhost/tmp/", "/tmp/", "\\tmp\\", "%2ftmp%2f", "%5ctmp%5c", "/etc/",
        }
        from name in new[] { Canary, $"{Canary}.json" }
        select root + name;

    private static IEnumerable<string> Odd() =>
    [
        "..", "...", ". ", ".. ", "..%20", "%2e%2e", "%252e", "..%00", "%00", "\0", $"{Canary}\0", $"{Canary}%00", $"{Canary}\n", $"{Canary}%0a", $"{Canary}\r\nX: y", $"{Canary} ", $" {Canary}", $"{Canary}.", $".{Canary}", $"-{Canary}", $"--{Canary}",
        $"{Canary.ToUpperInvariant()}", $"{Canary}\u0301", $"{Canary}\u200b", $"{Canary}\u202e", $"{Canary}:stream", $"{Canary}::$DATA", $"{Canary}*", $"{Canary}?", $"{Canary}|x", $"<{Canary}>", $"\"{Canary}\"", $"'{Canary}'", $"`{Canary}`", $"$({Canary})", $"{Canary};x",
        new string('a', 64), new string('a', 255), new string('a', 300), new string('a', 3000), string.Concat(Enumerable.Repeat("../", 500)) + Canary, string.Concat(Enumerable.Repeat("%2e%2e%2f", 300)) + Canary,
        string.Concat(Enumerable.Repeat("a/", 500)) + Canary, $"{new string('.', 600)}/{Canary}",
    ];
}
