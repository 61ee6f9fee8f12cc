using System.CommandLine;
using Provisioner.Client.Api;
using Provisioner.Contracts;

namespace Provisioner.Client.Commands;

/// <summary><c>watch ID</c></summary>
internal sealed class WatchCommand(CommandContext context, ConnectionOptions connection)
{
    private readonly Argument<string> _id = new("id") { Description = "Id of the VM" };

    private readonly EventOutput _output = new(context);

    public Command Build()
    {
        var command = new Command("watch", "Show the changes of a VM, from its beginning until it is gone") { _id };
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
        await foreach (var change in new VmEvents(api, context.Time, progress.Notice).FollowAsync(line.GetRequiredValue(_id), interrupted))
        {
            failure = change.Failure ?? failure;
            _output.Write(line, change, data.Change);
        }

        return (int)(failure is null ? ExitCode.Ok : ProblemFault.CodeOf(failure.Code));
    }
}
