using System.CommandLine;
using Provisioner.Client.Api;

namespace Provisioner.Client.Commands;

/// <summary><c>events</c></summary>
internal sealed class EventsCommand(CommandContext context, ConnectionOptions connection)
{
    private const int Most = 1000;

    private readonly Option<bool> _follow = new("--follow", "-f") { Description = "Go on with each as it happens, until interrupted" };

    private readonly Option<int> _last = new("--last")
    {
        Description = $"How many of the past, 0 to {Most}", HelpName = "NUMBER", DefaultValueFactory = _ => 20,
    };

    private readonly EventOutput _output = new(context);

    public Command Build()
    {
        var command = new Command("events", "Show the changes of all VMs that you may see (of one: 'logs' and 'watch')") { _follow, _last };
        _output.AddTo(command);
        _last.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > Most)
            {
                result.AddError($"--last is 0 to {Most}.");
            }
        });
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken interrupted)
    {
        using var api = connection.Open(line);
        using var progress = new Progress(context, quiet: false);
        var data = new DataWriter(context);
        await foreach (var change in new VmEvents(api, context.Time, progress.Notice).OfAllAsync(line.GetValue(_last), line.GetValue(_follow), interrupted))
        {
            _output.Write(line, change, data.Event);
        }

        return (int)ExitCode.Ok;
    }
}
