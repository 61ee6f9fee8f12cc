using System.Diagnostics;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;

namespace Provisioner.CrashMatrix;

/// <summary>One life of a server, which may end at the point that it is armed with.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private const int Killed = 128 + 9;

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly TaskCompletionSource<string?> listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task ended;

    private ServerProcess(Process process)
    {
        this.process = process;
        ended = EndAsync();
        _ = ReadAsync(process.StandardOutput);
        _ = ReadAsync(process.StandardError);
    }

    public HttpClient Api { get; private set; } = new();

    /// <summary>Completes when the process has ended, however it came to that.</summary>
    public Task Ended => ended;

    public string Output
    {
        get
        {
            lock (output)
            {
                return output.ToString();
            }
        }
    }

    /// <summary>Starts a server, and waits until it listens or is dead.</summary>
    public static async Task<ServerProcess> StartAsync(Template template, string configuration, string? crashAt, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(template.ServerProgram, ["--config", configuration]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["VBDP_LOG_LEVEL"] = "Debug";
        start.Environment.Remove("VBDP_CRASH_AT");
        if (crashAt is not null)
        {
            start.Environment["VBDP_CRASH_AT"] = crashAt;
        }

        var server = new ServerProcess(Process.Start(start)!);
        server.process.StandardInput.Close();
        if (await server.listening.Task.WaitAsync(cancellationToken) is { } url)
        {
            server.Api = MakeClient(url, template);
        }

        return server;
    }

    /// <summary>Whether it died as by <c>kill -9</c>; a broken promise when it ended in any other way.</summary>
    public async Task<bool> HasCrashedAsync(CancellationToken cancellationToken)
    {
        if (!ended.IsCompleted)
        {
            return false;
        }

        await ended.WaitAsync(cancellationToken);
        BrokenPromiseException.Unless(process.ExitCode == Killed, $"The server ended by itself with exit code {process.ExitCode}.");
        return true;
    }

    /// <summary>Ends it as a service manager does.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _ = Kill(process.Id, 15);
        await process.WaitForExitAsync(cancellationToken);
        BrokenPromiseException.Unless(process.ExitCode == 0, $"The server was asked to stop and ended with exit code {process.ExitCode}.");
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    private static HttpClient MakeClient(string url, Template template)
    {
        var handler = new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.GetCertHashString() == template.CertificateHash },
        };
        var client = new HttpClient(handler) { BaseAddress = new Uri(url), Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", template.Token);
        return client;
    }

    private async Task EndAsync()
    {
        await process.WaitForExitAsync();
        listening.TrySetResult(null);
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (output)
            {
                output.AppendLine(line);
            }

            if (line.StartsWith("Listening on ", StringComparison.Ordinal))
            {
                listening.TrySetResult(line.Split(' ')[^1]);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
