using System.Diagnostics;
using System.Threading.Channels;
using Provisioner.Tests.Architecture;

namespace Provisioner.Tests.Programs;

/// <summary>A real program of the product: the published native one where it is up to date, else the one built beside the tests.</summary>
internal sealed class ProductProgram : IDisposable
{
    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _written = [];
    private readonly Task _reading;

    private ProductProgram(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError))
            .ContinueWith(_ => _lines.Writer.TryComplete(), TaskScheduler.Default);
    }

    public int Id => _process.Id;

    public string Output
    {
        get
        {
            lock (_written)
            {
                return string.Join('\n', _written);
            }
        }
    }

    public static ProductProgram Start(string program, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        // A shell starts background jobs with SIGINT ignored.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", .. Find(program), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new ProductProgram(Process.Start(start)!);
    }

    /// <summary>The same as the child of a shell, and not of this process.</summary>
    public static ProductProgram StartBelow(string shell, string program, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        // Another command after it, or the shell would become the program.
        var start = new ProcessStartInfo(shell, ["-c", "\"$@\"; exit $?", shell, .. Find(program), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new ProductProgram(Process.Start(start)!);
    }

    /// <summary>Waits for a line that holds a text.</summary>
    public async Task<string> LineAsync(string text)
    {
        await foreach (var line in _lines.Reader.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"The program ended without writing '{text}':\n{Output}");
    }

    /// <summary>It may have ended in that very moment.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", ["-s", signal, $"{_process.Id}"]) { RedirectStandardError = true })!;
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await _reading;
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_written)
            {
                _written.Add(line);
            }

            _lines.Writer.TryWrite(line);
        }
    }

    public static bool IsNative(string name) => Find(name).Length == 1;

    /// <summary>The command that runs it.</summary>
    public static string[] Find(string name)
    {
        var built = Path.Combine(AppContext.BaseDirectory, $"{name}.dll");
        var published = Path.Combine(SourceTree.Root, "artifacts/publish", name, name);
        return File.Exists(published) && File.GetLastWriteTimeUtc(published) >= File.GetLastWriteTimeUtc(built) ? [published] : ["dotnet", built];
    }
}
