using System.CommandLine;
using Provisioner.Client.Api;
using Provisioner.Client.Text;

namespace Provisioner.Client.Commands;

/// <summary><c>extend ID --lifetime TIME</c></summary>
internal sealed class ExtendCommand(CommandContext context, ConnectionOptions connection, OutputOptions output)
{
    private readonly Argument<string> _id = new("id") { Description = "Id of the VM" };
    private readonly Option<TimeSpan> _lifetime = new("--lifetime")
    {
        Description = $"How long the VM shall live from now on: {Duration.Rule}",
        Required = true,
        CustomParser = argument =>
        {
            if (!Duration.TryParse(argument.Tokens[0].Value, out var duration) || duration <= TimeSpan.Zero)
            {
                argument.AddError($"'{argument.Tokens[0].Value}' cannot be read as --lifetime: {Duration.Rule}.");
            }

            return duration;
        },
    };

    public Command Build()
    {
        var command = new Command("extend", "Let a VM live longer") { _id, _lifetime };
        output.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken interrupted)
    {
        using var api = connection.Open(line);
        using var progress = new Progress(context, output.IsQuiet(line));
        var (id, lifetime) = (line.GetRequiredValue(_id), line.GetRequiredValue(_lifetime));
        var vm = await new Retries(context.Time, progress.Notice).RunAsync(token => api.ExtendAsync(id, lifetime, token), interrupted);
        progress.Dispose();
        output.Write(line, vm, new DataWriter(context));
        return (int)ExitCode.Ok;
    }
}
