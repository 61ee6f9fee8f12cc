using System.CommandLine;
using Provisioner.Client.Api;

namespace Provisioner.Client.Commands;

/// <summary><c>resume [HOST]</c></summary>
internal sealed class ResumeCommand(CommandContext context, ConnectionOptions connection, OutputOptions output)
{
    private readonly Argument<string?> _host = DrainCommand.HostArgument();

    public Command Build()
    {
        var command = new Command("resume", "Let a drained host take VMs again (needs the role operator)") { _host };
        output.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken interrupted)
    {
        using var api = connection.Open(line);
        using var progress = new Progress(context, output.IsQuiet(line));
        var name = await DrainCommand.NameAsync(api, line.GetValue(_host), interrupted);
        var host = await new Retries(context.Time, progress.Notice).RunAsync(token => api.ResumeAsync(name, token), interrupted);
        progress.Dispose();
        var data = new DataWriter(context);
        if (output.IsQuiet(line))
        {
            data.Ids(host.Name);
        }
        else if (output.IsJson(line))
        {
            data.Json(host);
        }
        else
        {
            data.Line($"{host.Name} takes VMs again; {(host.Waiting == 1 ? "1 waits" : $"{host.Waiting} wait")}.");
        }

        return (int)ExitCode.Ok;
    }
}
