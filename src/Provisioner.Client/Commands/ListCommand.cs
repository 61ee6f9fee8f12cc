using System.CommandLine;

namespace Provisioner.Client.Commands;

/// <summary><c>list</c></summary>
internal sealed class ListCommand(CommandContext context, ConnectionOptions connection, OutputOptions output)
{
    public Command Build()
    {
        var command = new Command("list", "List the VMs that your token may see");
        output.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken interrupted)
    {
        using var api = connection.Open(line);
        var vms = await api.ListAsync(interrupted);
        var data = new DataWriter(context);
        if (output.IsQuiet(line))
        {
            data.Ids(vms.Select(vm => vm.Id));
        }
        else if (output.IsJson(line))
        {
            data.Json(vms);
        }
        else
        {
            data.Vms(vms);
        }

        return (int)ExitCode.Ok;
    }
}
