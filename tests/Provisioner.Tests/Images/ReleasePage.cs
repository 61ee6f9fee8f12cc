using System.Net;
using System.Runtime.InteropServices;
using System.Text;

namespace Provisioner.Tests.Images;

/// <summary>A server of this machine that answers as GitHub does when it is asked for the newest release of the runner.</summary>
internal sealed class ReleasePage : IDisposable
{
    private readonly HttpListener _listener;

    public ReleasePage()
    {
        (_listener, Address) = Listen();
        _ = AnswerAsync();
    }

    public string Address { get; }

    /// <summary>The newest version; null for a server that fails.</summary>
    public string? Version { get; set; } = "2.337.0";

    /// <summary>What it says instead; FILE and SUM stand for the runner's.</summary>
    public string? Answer { get; set; }

    /// <summary>Whether it lets those who ask wait for ever.</summary>
    public bool IsMute { get; set; }

    /// <summary>How often it was asked, and for what.</summary>
    public List<string> Asked { get; } = [];

    public void Dispose() => _listener.Close();

    private async Task AnswerAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext asked;
            try
            {
                asked = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            Asked.Add(asked.Request.Url!.AbsolutePath);
            if (IsMute)
            {
                continue;
            }

            asked.Response.StatusCode = Version is null ? 503 : 200;
            await asked.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(Text()));
            asked.Response.Close();
        }
    }

    private string Text()
    {
        var file = $"actions-runner-linux-{(RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "x64")}-{Version}.tar.gz";
        return Answer?.Replace("FILE", file, StringComparison.Ordinal).Replace("SUM", new string('c', 64), StringComparison.Ordinal) ?? $$"""
            {"tag_name": "v{{Version}}", "published_at": "2026-11-20T00:00:00Z", "assets": [
              {"name": "{{file}}", "digest": "sha256:{{new string('c', 64)}}", "browser_download_url": "https://example.org/{{file}}"}]}
            """;
    }

    // A free port, found as others find theirs: by taking it. One that could not is disposed of by its failure.
    private static (HttpListener Listener, string Address) Listen()
    {
        while (true)
        {
            var listener = new HttpListener();
            var address = $"http://127.0.0.1:{Random.Shared.Next(20_000, 60_000)}/releases/";
            listener.Prefixes.Add(address);
            try
            {
                listener.Start();
                return (listener, address);
            }
            catch (HttpListenerException)
            {
                // Somebody has it.
            }
        }
    }
}
