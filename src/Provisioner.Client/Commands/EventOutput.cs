using System.CommandLine;
using Provisioner.Contracts;

namespace Provisioner.Client.Commands;

/// <summary>How events are written, each as soon as it is there: a line for people, or an object on a line for programs.</summary>
internal sealed class EventOutput(CommandContext context)
{
    private readonly Option<OutputFormat> _format = new("--format")
    {
        Description = "table for people, json for programs (one event a line)",
        HelpName = "table|json",
    };

    private readonly DataWriter _data = new(context);

    public void AddTo(Command command) => command.Add(_format);

    public bool IsJson(ParseResult line) => line.GetValue(_format) == OutputFormat.Json;

    /// <param name="line">What was asked for.</param>
    /// <param name="change">The event.</param>
    /// <param name="forPeople">Writes it for them.</param>
    public void Write(ParseResult line, VmEvent change, Action<VmEvent> forPeople)
    {
        var write = IsJson(line) ? _data.Json : forPeople;
        write(change);
        context.Out.Flush();
    }
}
