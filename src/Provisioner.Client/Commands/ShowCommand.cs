using System.CommandLine;

namespace Provisioner.Client.Commands;

/// <summary><c>show ID</c></summary>
internal sealed class ShowCommand(CommandContext context, ConnectionOptions connection, OutputOptions output)
{
    private readonly Argument<string> _id = new("id") { Description = "Id of the VM" };

    public Command Build()
    {
        var command = new Command("show", "Show one VM") { _id };
        output.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken interrupted)
    {
        using var api = connection.Open(line);
        var vm = await api.ShowAsync(line.GetRequiredValue(_id), interrupted);
        var data = new DataWriter(context);
        if (output.IsQuiet(line))
        {
            data.Ids(vm.Id);
        }
        else if (output.IsJson(line))
        {
            data.Json(vm);
        }
        else
        {
            data.Vm(vm);
        }

        return (int)ExitCode.Ok;
    }
}
