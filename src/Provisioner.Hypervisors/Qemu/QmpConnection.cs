using System.Collections.Concurrent;
using System.Text.Json;

namespace Provisioner.Hypervisors.Qemu;

/// <summary>
/// QEMU's control protocol: one JSON object per line, answers carry the id of their command, events come in between.
/// https://www.qemu.org/docs/master/interop/qmp-spec.html
/// </summary>
internal sealed class QmpConnection : IAsyncDisposable
{
    private readonly Stream stream;
    private readonly Action<QmpMessage> onEvent;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<QmpMessage>> waiting = new();
    private readonly SemaphoreSlim writing = new(1);
    private int lastId;

    private QmpConnection(Stream stream, StreamReader reader, Action<QmpMessage> onEvent)
    {
        (this.stream, this.onEvent) = (stream, onEvent);
        Closed = ReadAsync(reader);
    }

    /// <summary>Completes when QEMU has closed the connection, which it does by ending.</summary>
    public Task Closed { get; }

    /// <summary>Greets. The stream is the connection's from now on.</summary>
    public static async Task<QmpConnection> OpenAsync(Stream stream, Action<QmpMessage> onEvent, CancellationToken cancellationToken)
    {
        try
        {
            var reader = new StreamReader(stream);
            _ = await reader.ReadLineAsync(cancellationToken) ?? throw new IOException("QEMU closed the connection before it greeted.");
            var connection = new QmpConnection(stream, reader, onEvent);
            await connection.ExecuteAsync("qmp_capabilities", cancellationToken);
            return connection;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <exception cref="IOException">QEMU refused the command, or ended before it answered.</exception>
    public Task<QmpMessage> ExecuteAsync(string command, CancellationToken cancellationToken) => ExecuteAsync(command, arguments: null, cancellationToken);

    /// <exception cref="IOException">QEMU refused the command, or ended before it answered.</exception>
    public async Task<QmpMessage> ExecuteAsync(string command, QmpArguments? arguments, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref lastId);
        var answer = new TaskCompletionSource<QmpMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting[id] = answer;
        try
        {
            await WriteAsync(new QmpCommand(command, id, arguments), cancellationToken);
            await Task.WhenAny(answer.Task, Closed).WaitAsync(cancellationToken);
            var message = answer.Task.IsCompleted ? await answer.Task : throw new IOException($"QEMU ended before it answered {command}.");
            return message.Error is { } error ? throw new IOException($"QEMU refused {command}: {error}") : message;
        }
        finally
        {
            waiting.TryRemove(id, out _);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        await Closed;
        writing.Dispose();
    }

    private async Task WriteAsync(QmpCommand command, CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(command, QemuJson.Default.QmpCommand), (byte)'\n'];
            await stream.WriteAsync(line, cancellationToken);
        }
        finally
        {
            writing.Release();
        }
    }

    private async Task ReadAsync(StreamReader reader)
    {
        try
        {
            while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
            {
                Take(line);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Closed by one of the two sides: the end of the stream, too.
        }
    }

    private void Take(string line)
    {
        var message = JsonSerializer.Deserialize(line, QemuJson.Default.QmpMessage)!;
        if (message.Event is not null)
        {
            onEvent(message);
        }
        else if (message.Id is { } id && waiting.TryRemove(id, out var answer))
        {
            answer.SetResult(message);
        }
    }
}
