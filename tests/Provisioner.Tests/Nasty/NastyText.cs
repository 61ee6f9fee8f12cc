using System.Text;

namespace Provisioner.Tests.Nasty;

/// <summary>Text as nobody sends it by accident. Each has a mark in it, by which it is found again wherever it comes out.</summary>
internal static class NastyText
{
    public const string Mark = "Zq7XnastyX7qZ";

    private static readonly string[] Payloads =
    [
        "--delete", "-x", "--type gui", "@/etc/passwd", ";id", "$(id)", "`id`", "|id", "&& id", "\n--register", "\r\nSet-Cookie: a=b", "\0", "\u001b]8;;http://evil/\u0007",
        "\u001b[2J", "\u009b31m", "\u202e", "\u2028", "\u2066", "\ufeff", "\ue000", "::add-mask::", "\n::set-output name=a::b", "\n##[error]", "##[add-mask]", "\"}", "\\", "{\"a\":",
        "<script>alert(1)</script>", "<img src=x onerror=y>", "{{7*7}}", "${jndi:ldap://x}", "%0a%0d", "%00", "%2e%2e%2f", "../../", "..\\..\\", "/etc/", "C:\\", "CON", "NUL", "'; DROP TABLE vms;--",
        "\" OR 1=1", "%s%n", "{0}", "\ud800", "\u00e9\u0301", "\U0001F600", "\t", " ", "\u00a0", "a,b", "=cmd()", "*", "?", "~", "#", "!", "\b\b\b", "\u007f", "\u0085",
    ];

    private static readonly Func<string, string>[] Places =
        [text => text + Mark, text => Mark + text, text => Mark[..6] + text + Mark, text => string.Concat(Enumerable.Repeat(text, 20)) + Mark];

    /// <summary>Those that have hurt somebody, each at the beginning, the end and in the middle, and many times.</summary>
    public static IReadOnlyList<string> Listed { get; } = [.. Payloads.SelectMany(payload => Places.Select(place => place(payload))), new string('a', 300) + Mark, Mark + new string('\u001b', 5000)];

    /// <summary>Others, the same in each run.</summary>
    public static IEnumerable<string> Random(int count, int seed)
    {
        var random = new Random(seed);
        for (var made = 0; made < count; made++)
        {
            var text = new StringBuilder();
            for (var left = random.Next(1, 6); left > 0; left--)
            {
                text.Append(random.Next(3) switch
                {
                    0 => Payloads[random.Next(Payloads.Length)],
                    1 => ((char)random.Next(0x80)).ToString(),
                    _ => ((char)random.Next(0x10000)).ToString(),
                });
            }

            yield return text.Insert(random.Next(text.Length + 1), Mark).ToString();
        }
    }
}
