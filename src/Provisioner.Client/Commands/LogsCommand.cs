using System.CommandLine;
using Provisioner.Client.Api;
using Provisioner.Contracts;

namespace Provisioner.Client.Commands;

/// <summary><c>logs ID</c></summary>
internal sealed class LogsCommand(CommandContext context, ConnectionOptions connection)
{
    private readonly Argument<string> _id = new("id") { Description = "Id of the VM" };

    private readonly Option<OutputFormat> _format = new("--format")
    {
        Description = "table for people, json for programs (one event a line)",
        HelpName = "table|json",
    };

    public Command Build()
    {
        var command = new Command("logs", "Show what is known of a VM's life so far, and the last lines of its guest where it failed (see 'watch' for what comes)") { _id, _format };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken interrupted)
    {
        using var api = connection.Open(line);
        using var progress = new Progress(context, quiet: false);
        var data = new DataWriter(context);
        VmFailure? failure = null;
        await foreach (var change in new VmEvents(api, context.Time, progress.Notice).ReadAsync(line.GetRequiredValue(_id), interrupted))
        {
            failure = change.Failure ?? failure;
            if (line.GetValue(_format) == OutputFormat.Json)
            {
                data.Json(change);
            }
            else
            {
                data.Event(change);
            }
        }

        if (failure is not null && line.GetValue(_format) != OutputFormat.Json)
        {
            data.Line($"It failed ({failure.Code}): {failure.Cause} {failure.Remedy}");
            data.Console(failure.Console);
        }

        return (int)ExitCode.Ok;
    }
}
