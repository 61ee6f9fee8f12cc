using System.CommandLine;
using System.Text.Json;
using Provisioner.Client.Text;

namespace Provisioner.Client.Commands;

/// <summary><c>explain ID</c></summary>
internal sealed class ExplainCommand(CommandContext context, ConnectionOptions connection)
{
    private readonly Argument<string> _id = new("id") { Description = "Id of the VM" };
    private readonly Option<OutputFormat> _format = new("--format") { Description = "table for people, json for programs", HelpName = "table|json" };

    public Command Build()
    {
        var command = new Command("explain", "Tell why a VM is in its state: what it waits for and what would help, what happens next and when, why it failed and what to do") { _id, _format };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken interrupted)
    {
        using var api = connection.Open(line);
        var explanation = Explanation.Of(await api.ShowAsync(line.GetRequiredValue(_id), interrupted));
        if (line.GetValue(_format) == OutputFormat.Json)
        {
            context.Out.Write(JsonSerializer.Serialize(explanation, ExplanationJson.Default.Explanation) + "\n");
        }
        else
        {
            Write(explanation, new DataWriter(context));
        }

        return (int)ExitCode.Ok;
    }

    private void Write(Explanation of, DataWriter data)
    {
        data.Line($"{of.Id} is {PhaseName.Of(of.Phase)}{(of.Failure is null ? "" : ", and has failed")}.");
        (string Name, string? Value)[] facts =
        [
            ("why", of.Why), ("position", of.Position?.ToString()), ("lacks", of.Lack), ("would help", of.Relief),
            ("next", of.Deadline is { } next ? $"{RelativeTime.Of(next.At, context.Time.GetUtcNow())}, at {next.At:u}: {next.Then}" : null),
            ("failure", of.Failure?.Code), ("cause", of.Failure?.Cause), ("remedy", of.Failure?.Remedy), ("read", of.Page),
        ];
        foreach (var (name, value) in facts.Where(fact => fact.Value is { Length: > 0 }))
        {
            data.Line($"{name,-11} {value}");
        }

        data.Console(of.Failure?.Console);
    }
}
