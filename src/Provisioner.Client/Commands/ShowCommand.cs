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
        output.Write(line, vm, new DataWriter(context));
        return (int)ExitCode.Ok;
    }
}
