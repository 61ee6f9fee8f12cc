using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Provisioner.EndToEndTests;

/// <summary>A program that runs: what it has written so far, its lines as they come, its end.</summary>
internal sealed partial class NativeProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _written = [];
    private readonly Task _reading;

    private NativeProcess(Process process)
    {
        _process = process;
        _reading = ReadBothAsync();
    }

    /// <summary>Everything on both outputs so far.</summary>
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

    public static NativeProcess Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return new NativeProcess(process);
    }

    public static async Task<(int ExitCode, string Output)> RunAsync(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        await using var process = Start(program, arguments, environment);
        return (await process.ExitAsync(), process.Output);
    }

    /// <summary>The process ids of whatever runs with a text among its arguments.</summary>
    public static IReadOnlyList<string> Ids(string text)
    {
        var found = new List<string>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])))
        {
            try
            {
                if (File.ReadAllText($"{folder}/cmdline").Contains(text, StringComparison.Ordinal))
                {
                    found.Add(Path.GetFileName(folder));
                }
            }
            catch (IOException)
            {
                // It has just ended.
            }
        }

        return found;
    }

    /// <summary>Waits for a line that holds a text.</summary>
    public async Task<string> LineAsync(string text, CancellationToken cancellationToken)
    {
        await foreach (var line in _lines.Reader.ReadAllAsync(cancellationToken))
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"The program ended without writing '{text}':\n{Output}");
    }

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await _reading;
        return _process.ExitCode;
    }

    /// <summary>Asks the program to end, as a service manager or a cancelled workflow does.</summary>
    public void Terminate() => Send(15);

    public void Send(int signal) => _ = Kill(_process.Id, signal);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Terminate();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15), TimeProvider.System);
            await _process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private async Task ReadBothAsync()
    {
        await Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));
        _lines.Writer.TryComplete();
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

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
