using System.CommandLine;
using Provisioner.Client.Text;

namespace Provisioner.Client.Commands;

/// <summary><c>images</c></summary>
internal sealed class ImagesCommand(CommandContext context, ConnectionOptions connection, OutputOptions output)
{
    public Command Build()
    {
        var command = new Command("images", "List the images that can be asked for");
        output.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken interrupted)
    {
        using var api = connection.Open(line);
        var images = await api.ImagesAsync(interrupted);
        var data = new DataWriter(context);
        if (output.IsQuiet(line))
        {
            data.Ids(images.Select(image => image.Alias));
        }
        else if (output.IsJson(line))
        {
            data.Json(images);
        }
        else
        {
            context.Out.Write(Table.Of(["IMAGE", "CPUS", "MEMORY", "DISK", "USABLE"], images.Select(image => (IReadOnlyList<string>)
                [image.Alias, image.Cpus?.ToString() ?? "-", image.Memory is { } memory ? $"{memory} MiB" : "-", image.Disk is { } disk ? $"{disk} MiB" : "-", image.Usable ? "yes" : $"no: {image.Problem}"])));
        }

        return (int)ExitCode.Ok;
    }
}
