using System.Text;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// The <c>--machinereadable</c> form: <c>key=value</c>, <c>key="value"</c> or <c>"key"="value"</c>. Quotes and backslashes in
/// values are escaped from 7.2 on and bare before; a value may run over several lines.
/// </summary>
internal static class KeyValueText
{
    public static IEnumerable<KeyValuePair<string, string>> Parse(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var end = LineEnd(text, at);
            var equals = KeyEnd(text, at, end);
            if (equals < 0)
            {
                at = end + 1;
                continue;
            }

            var key = text[at..equals].Trim('"');
            at = equals + 1;
            yield return new(key, at < end && text[at] == '"' ? Quoted(text, ref at) : Bare(text, ref at, end));
        }
    }

    // A quoted key ends at "=, so that a key such as "a=b" stays whole.
    private static int KeyEnd(string text, int at, int end)
    {
        if (text[at] != '"')
        {
            return text.IndexOf('=', at, end - at);
        }

        var quote = text.IndexOf("\"=", at + 1, end - at - 1, StringComparison.Ordinal);
        return quote < 0 ? -1 : quote + 1;
    }

    private static string Bare(string text, ref int at, int end)
    {
        var value = text[at..end].TrimEnd('\r');
        at = end + 1;
        return value;
    }

    private static string Quoted(string text, ref int at)
    {
        var value = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length && text[at + 1] is '"' or '\\')
            {
                at++;
            }
            else if (text[at] == '"' && EndsLine(text, at + 1))
            {
                at = LineEnd(text, at) + 1;
                return value.ToString();
            }

            value.Append(text[at]);
        }

        return value.ToString();
    }

    private static bool EndsLine(string text, int at) => at >= text.Length || text[at] is '\n' or '\r';

    private static int LineEnd(string text, int at) => text.IndexOf('\n', at) is >= 0 and var end ? end : text.Length;
}
