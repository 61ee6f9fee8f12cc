using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace Provisioner.Tests.Observability;

/// <summary>Takes what an exporter of OTLP sends (protobuf over HTTP), as a collector does, and finds the spans of one trace in it.</summary>
internal sealed class TraceCollector : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Channel<byte[]> _bodies = Channel.CreateUnbounded<byte[]>();

    public TraceCollector()
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}";
        }

        _listener.Prefixes.Add($"{Address}/");
        _listener.Start();
        _ = ListenAsync();
    }

    public string Address { get; }

    /// <summary>Everything that was sent so far, as text with what is none left out.</summary>
    public StringBuilder Text { get; } = new();

    /// <summary>Waits until spans of these names have come, all in this trace.</summary>
    public async Task SpansAsync(string traceId, params string[] names)
    {
        // Field 1 of a span is its trace (16 bytes); its name follows, before the next span begins.
        var mark = Encoding.Latin1.GetString([0x0a, 0x10, .. Convert.FromHexString(traceId)]);
        var missing = names.ToHashSet();
        while (missing.Count > 0)
        {
            var body = Encoding.Latin1.GetString(await _bodies.Reader.ReadAsync(TestContext.Current.CancellationToken));
            Text.Append(body);
            missing.RemoveWhere(name => body.Split(mark).Skip(1).Any(span => span.Contains(name, StringComparison.Ordinal)));
        }
    }

    public void Dispose() => _listener.Close();

    private async Task ListenAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                if (context.Request.Url!.AbsolutePath == "/v1/traces")
                {
                    _bodies.Writer.TryWrite(body.ToArray());
                }

                context.Response.Close();
            }
        }
        catch (Exception end) when (end is HttpListenerException or ObjectDisposedException)
        {
            _bodies.Writer.TryComplete();
        }
    }
}
