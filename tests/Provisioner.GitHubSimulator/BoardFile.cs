using System.Text.Json;
using Provisioner.GitHubSimulator.State;

namespace Provisioner.GitHubSimulator;

/// <summary>Keeps the board in a file between two runs, if a folder was given: restored at the start, saved at the end.</summary>
internal sealed class BoardFile(Board board, SimulatorOptions options) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (Path is { } path && File.Exists(path))
        {
            board.Restore(JsonSerializer.Deserialize(File.ReadAllText(path), SimulatorJson.Default.BoardImage)!);
        }
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        if (Path is { } path)
        {
            PrivateFile.Write(path, JsonSerializer.Serialize(board.Save(), SimulatorJson.Default.BoardImage));
        }
        return Task.CompletedTask;
    }

    private string? Path => options.Folder is { } folder ? System.IO.Path.Combine(folder, "state.json") : null;
}
