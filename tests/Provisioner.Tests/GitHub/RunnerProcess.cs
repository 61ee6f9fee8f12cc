using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using static Provisioner.Tests.GitHub.SimulatedGitHub;

namespace Provisioner.Tests.GitHub;

/// <summary>A runner running in a folder of its own, and what it prints.</summary>
internal sealed class RunnerProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly Channel<string> lines = Channel.CreateUnbounded<string>();
    private readonly DirectoryInfo root;

    private RunnerProcess(Process process, DirectoryInfo root) => (this.process, this.root) = (process, root);

    public ConcurrentQueue<string> Printed { get; } = new();

    public IEnumerable<string> Files => root.EnumerateFiles().Select(file => file.Name).Order();

    /// <summary>The stand-in, as it was built beside the tests.</summary>
    public static RunnerProcess StartStandIn(string jitConfig)
    {
        var root = Directory.CreateTempSubdirectory("runner-");
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Runner.Listener.dll"), "run"]);
        start.Environment["RUNNER_STAND_IN_ROOT"] = root.FullName;
        return Start(start, root, jitConfig);
    }

    public static RunnerProcess Start(ProcessStartInfo start, DirectoryInfo root, string jitConfig)
    {
        start.Environment["ACTIONS_RUNNER_INPUT_JITCONFIG"] = jitConfig;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        var runner = new RunnerProcess(new Process { StartInfo = start }, root);
        runner.process.OutputDataReceived += runner.Note;
        runner.process.ErrorDataReceived += runner.Note;
        runner.process.Start();
        runner.process.BeginOutputReadLine();
        runner.process.BeginErrorReadLine();
        return runner;
    }

    /// <summary>Reads on until a line holds the text.</summary>
    public async Task PrintsAsync(string text)
    {
        await foreach (var line in lines.Reader.ReadAllAsync(Cancelled))
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return;
            }
        }
    }

    public async Task<int> ExitsAsync()
    {
        await process.WaitForExitAsync(Cancelled);
        return process.ExitCode;
    }

    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{process.Id}"]);
        await kill.WaitForExitAsync(Cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }
        process.Dispose();
        root.Delete(recursive: true);
    }

    private void Note(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is { } text)
        {
            Printed.Enqueue(text);
            lines.Writer.TryWrite(text);
        }
    }
}
