namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// Reads the names that <c>guestproperty enumerate</c> printed, by hand and in one pass: a guest chooses most of that text, and kept a
/// regular expression busy for ever. A value may hold line breaks, so that a property ends at its timestamp, not at the end of a line.
/// </summary>
internal static class PropertyNames
{
    private const string OldTimestamp = ", timestamp: ";

    private delegate (string Name, int End)? Form(string text, int at);

    public static IEnumerable<string> Read(string text)
    {
        // One VBoxManage writes one form: what is not of it is garbage, and ends the list.
        Form form = ReadOld(text, 0) is null ? ReadNew : ReadOld;
        for (var at = 0; at < text.Length && form(text, at) is var (name, end); at = LineEnd(text, end) + 1)
        {
            yield return name;
        }
    }

    // Name: N, value: V, timestamp: 123, flags: F
    private static (string Name, int End)? ReadOld(string text, int at)
    {
        const string Value = ", value: ";
        var name = at + "Name: ".Length;
        if (string.CompareOrdinal(text, at, "Name: ", 0, "Name: ".Length) != 0 || IndexOf(text, Value, name + 1) is not { } value)
        {
            return null;
        }

        for (var end = IndexOf(text, OldTimestamp, value + Value.Length); end is { } found; end = IndexOf(text, OldTimestamp, found + 1))
        {
            var digits = found + OldTimestamp.Length;
            var flags = digits;
            while (flags < text.Length && char.IsAsciiDigit(text[flags]))
            {
                flags++;
            }

            if (flags > digits && string.CompareOrdinal(text, flags, ", flags:", 0, ", flags:".Length) == 0)
            {
                return (text[name..value], flags);
            }
        }

        return null;
    }

    // N   = 'V'   @ 2026-11-23T22:38:39.676Z F
    private static (string Name, int End)? ReadNew(string text, int at)
    {
        const string Value = " = '";
        if (IndexOf(text, Value, at + 1) is not { } value)
        {
            return null;
        }

        for (var end = IndexOf(text, "@ ", value + Value.Length); end is { } found; end = IndexOf(text, "@ ", found + 1))
        {
            var quote = found - 1;
            while (text[quote] == ' ')
            {
                quote--;
            }

            if (quote >= value + Value.Length && text[quote] == '\'' && found + 2 < text.Length && char.IsAsciiDigit(text[found + 2]))
            {
                return (text[at..value].TrimEnd(' '), found);
            }
        }

        return null;
    }

    private static int? IndexOf(string text, string piece, int from) =>
        from <= text.Length && text.IndexOf(piece, from, StringComparison.Ordinal) is >= 0 and var found ? found : null;

    private static int LineEnd(string text, int at) => text.IndexOf('\n', at) is >= 0 and var end ? end : text.Length;
}
