using System.Threading.Channels;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>Ends a loop's pause. Told while nobody pauses, it ends the next one.</summary>
internal sealed class Wake(TimeProvider time)
{
    private readonly Channel<bool> told = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Tell() => told.Writer.TryWrite(true);

    public async Task PauseAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var interval = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(interval.Token, cancellationToken);
        await ((Task)told.Reader.WaitToReadAsync(either.Token).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        told.Reader.TryRead(out _);
    }
}
