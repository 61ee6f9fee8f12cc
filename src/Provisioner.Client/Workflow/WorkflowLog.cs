using System.Security.Cryptography;
using Provisioner.Client.Text;

namespace Provisioner.Client.Workflow;

/// <summary>
/// The log of a workflow step: lines for people, and the commands that the runner reads from the same stream. All text is
/// treated as untrusted, so nothing but the methods here can issue a command.
/// </summary>
internal sealed class WorkflowLog(TextWriter output, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    public TimeSpan Elapsed => time.GetElapsedTime(_start);

    /// <summary>To be called before anything else is written.</summary>
    public void Mask(string secret)
    {
        foreach (var line in secret.ReplaceLineEndings("\n").Split('\n').Where(line => line.Trim().Length > 0))
        {
            Command("add-mask", "", line);
        }
    }

    /// <summary>The elapsed time stands first, so that no text begins a line and is taken for a command.</summary>
    public void Change(string phase, string message) => Write($"{Elapsed.TotalSeconds,7:0.0} s  {phase,-11} {Untrusted.Line(message)}");

    public void Line(string text) => Write($"{Elapsed.TotalSeconds,7:0.0} s  {Untrusted.Line(text)}");

    public void Error(string title, string message) => Command("error", $" title={EscapeProperty(Untrusted.Line(title))}", Untrusted.Line(message));

    public void Warning(string title, string message) => Command("warning", $" title={EscapeProperty(Untrusted.Line(title))}", Untrusted.Line(message));

    public void Notice(string title, string message) => Command("notice", $" title={EscapeProperty(Untrusted.Line(title))}", Untrusted.Line(message));

    public void Group(string title, IEnumerable<string> lines)
    {
        Command("group", "", Untrusted.Line(title));
        foreach (var line in lines)
        {
            Write($"  {Untrusted.Line(line)}");
        }

        Command("endgroup", "", "");
    }

    /// <summary>Text of a guest, word for word: the runner is told to read no commands until a word that the guest cannot know.</summary>
    public void Console(string text)
    {
        var word = RandomNumberGenerator.GetHexString(32, lowercase: true);
        Command("group", "", "Last lines of the guest's console");
        Command("stop-commands", "", word);
        foreach (var line in Untrusted.Lines(text))
        {
            Write($"  {line}");
        }

        Command(word, "", "");
        Command("endgroup", "", "");
    }

    public static string EscapeData(string text) =>
        text.Replace("%", "%25", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);

    public static string EscapeProperty(string text) =>
        EscapeData(text).Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);

    private void Command(string name, string properties, string data) => Write($"::{name}{properties}::{EscapeData(data)}");

    // LF whatever the platform; at once, because the runner shows lines as they come.
    private void Write(string line)
    {
        output.Write(line + "\n");
        output.Flush();
    }
}
