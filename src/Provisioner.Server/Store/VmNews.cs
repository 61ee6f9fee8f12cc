using System.Collections.Concurrent;
using System.Threading.Channels;
using Provisioner.Hypervisors;

namespace Provisioner.Server.Store;

/// <summary>
/// Wakes those who follow a VM when it has new events. It carries no events itself: each follower reads them from the store,
/// so a slow one loses nothing and holds nothing up.
/// </summary>
internal sealed class VmNews
{
    private readonly ConcurrentDictionary<Channel<bool>, VmId?> _followers = new();

    /// <summary>Wakes the followers of one VM, and those who follow all.</summary>
    public void Tell(VmId id)
    {
        foreach (var (channel, followed) in _followers)
        {
            if (followed is null || followed == id)
            {
                channel.Writer.TryWrite(true);
            }
        }
    }

    /// <summary>Wakes those who follow all: something that is no VM's has changed.</summary>
    public void TellAll()
    {
        foreach (var (channel, _) in _followers.Where(follower => follower.Value is null))
        {
            channel.Writer.TryWrite(true);
        }
    }

    /// <summary>Starts to follow one VM, or all of them when <paramref name="id"/> is null, until disposed.</summary>
    public Following Follow(VmId? id)
    {
        var channel = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        _followers[channel] = id;
        return new Following(channel.Reader, () => _followers.TryRemove(channel, out _));
    }

    internal sealed class Following(ChannelReader<bool> woken, Action stop) : IDisposable
    {
        /// <summary>Returns true when there may be news, and false when <paramref name="atMost"/> has passed without.</summary>
        public async Task<bool> WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
        {
            using var timeout = new CancellationTokenSource(atMost, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            try
            {
                return await woken.ReadAsync(either.Token);
            }
            catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                return false;
            }
        }

        public void Dispose() => stop();
    }
}
