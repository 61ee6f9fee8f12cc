namespace Provisioner.Client.Commands;

/// <summary>The world around a command.</summary>
internal sealed record CommandContext(
    IReadOnlyDictionary<string, string> Environment, TextReader In, TextWriter Out, TextWriter Error, TimeProvider Time)
{
    /// <summary>Whether a person reads the progress as it happens.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>How large the terminal is that standard output goes to, as of now; null where it goes elsewhere.</summary>
    public Func<(int Width, int Height)>? Terminal { get; init; }
}
