using System.Text;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>Reads a pipe to its end from the start on, but keeps only the first part: a program gone mad must not fill our memory.</summary>
internal sealed class CappedPipe : IDisposable
{
    public const int Limit = 16 * 1024 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly Stream pipe;
    private readonly MemoryStream kept = new();
    private readonly Task reading;

    public CappedPipe(Stream pipe)
    {
        this.pipe = pipe;
        reading = PumpAsync();
    }

    /// <summary>What has come so far.</summary>
    public string Text
    {
        get
        {
            lock (kept)
            {
                return Encoding.UTF8.GetString(kept.GetBuffer(), 0, (int)kept.Length);
            }
        }
    }

    /// <summary>The text, once the process has exited. A grandchild that inherited the pipe is not waited for.</summary>
    public async Task<string> ReadAsync(TimeProvider time)
    {
        await Task.WhenAny(reading, Task.Delay(Patience, time));
        return Text;
    }

    public void Dispose() => pipe.Dispose();

    private async Task PumpAsync()
    {
        var buffer = new byte[8192];
        try
        {
            while (await pipe.ReadAsync(buffer) is > 0 and var count)
            {
                lock (kept)
                {
                    kept.Write(buffer, 0, (int)Math.Min(count, Limit - kept.Length));
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The pipe was closed under us: what was read stands.
        }
    }
}
