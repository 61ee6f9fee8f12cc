using System.CommandLine;
using Provisioner.Client.Api;
using Provisioner.Contracts;

namespace Provisioner.Client.Commands;

/// <summary><c>logs ID</c></summary>
internal sealed class LogsCommand(CommandContext context, ConnectionOptions connection)
{
    private readonly Argument<string> _id = new("id") { Description = "Id of the VM" };

    private readonly EventOutput _output = new(context);

    public Command Build()
    {
        var command = new Command("logs", "Show what is known of a VM's life so far, and the last lines of its guest where it failed (see 'watch' for what comes)") { _id };
        _output.AddTo(command);
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
            _output.Write(line, change, data.Event);
        }

        if (failure is not null && !_output.IsJson(line))
        {
            data.Line($"It failed ({failure.Code}): {failure.Cause} {failure.Remedy}");
            data.Console(failure.Console);
        }

        return (int)ExitCode.Ok;
    }
}
