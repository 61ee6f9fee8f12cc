using System.Globalization;
using System.Text;

namespace Provisioner.Hypervisors.Qemu;

/// <summary>
/// The host's end of the guest's virtio-serial port: text lines both ways, docs/reference/guest-contract.md. All that a guest
/// writes is untrusted: a line has a largest length, and reading has a largest pace, at which a flooding guest is held up by
/// its own full port.
/// </summary>
internal sealed class GuestPort(Stream stream, TimeProvider time) : IAsyncDisposable
{
    private const int LongestLine = 4096;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);

    private readonly SemaphoreSlim writing = new(1);

    /// <summary>Says who the guest is.</summary>
    public Task IntroduceAsync(SavedMachine machine, CancellationToken cancellationToken) =>
        SendAsync(string.Concat(machine.Labels.Known.Select(label => $"{label.Key} {OneLine(label.Value)}\n")), cancellationToken);

    /// <summary>Says what time it is: the clock of a guest that goes on from a saved state stands where it stood.</summary>
    public Task TellTimeAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        SendAsync(string.Create(CultureInfo.InvariantCulture, $"time {now.ToUnixTimeSeconds()}\n"), cancellationToken);

    public Task AskForReportAsync(CancellationToken cancellationToken) => SendAsync("report\n", cancellationToken);

    public Task ConfigureAsync(GuestConfiguration configuration, CancellationToken cancellationToken) =>
        SendAsync($"config {configuration.EncodedJitConfig}\n", cancellationToken);

    /// <summary>Yields what the guest reports, until QEMU or we close the connection.</summary>
    public async IAsyncEnumerable<GuestReport> ReadAsync()
    {
        var buffer = new byte[LongestLine];
        var line = new List<byte>(LongestLine);
        while (await ReadSomeAsync(buffer) is > 0 and var count)
        {
            for (var i = 0; i < count; i++)
            {
                if (buffer[i] != '\n')
                {
                    // One byte more than allowed marks a line that is too long; the rest of it is dropped.
                    line.AddRange(line.Count <= LongestLine ? [buffer[i]] : []);
                    continue;
                }

                if (line.Count <= LongestLine && TryParse([.. line], out var report))
                {
                    yield return report;
                    await Task.Delay(Pace, time, CancellationToken.None);
                }

                line.Clear();
            }

            await Task.Delay(Pace, time, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync() => await stream.DisposeAsync();

    private static bool TryParse(byte[] line, out GuestReport report)
    {
        var text = Encoding.UTF8.GetString(line).TrimEnd('\r');
        report = new GuestReport(GuestPhase.Failed);
        return text.StartsWith("phase ", StringComparison.Ordinal) && GuestReport.TryParse(text["phase ".Length..], out report);
    }

    private async Task<int> ReadSomeAsync(byte[] buffer)
    {
        try
        {
            return await stream.ReadAsync(buffer, CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return 0;
        }
    }

    private async Task SendAsync(string text, CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        }
        finally
        {
            writing.Release();
        }
    }

    private static string OneLine(string value) => string.Concat(value.Select(c => char.IsControl(c) ? ' ' : c));
}
