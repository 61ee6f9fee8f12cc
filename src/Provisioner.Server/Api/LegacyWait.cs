using Provisioner.Server.Store;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Api;

/// <summary>Holds an answer back until a VM has come far enough. The VM does not depend on it: it goes on when nobody waits.</summary>
internal sealed class LegacyWait(VmTable vms, VmNews news, TimeProvider time, IHostApplicationLifetime lifetime)
{
    /// <summary>A registration that GitHub does not let go may keep a removal for long.</summary>
    public static readonly TimeSpan Removal = TimeSpan.FromMinutes(2);

    /// <summary>Another host of a shared store changes its rows without a word to us.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);

    /// <summary>The row that is far enough, or null when it is forgotten or the id another VM's by now. Not over: the time has passed, or the server stops.</summary>
    public async Task<(bool Over, Vm? Row)> UntilAsync(Vm vm, Func<Vm, bool> isFarEnough, TimeSpan atMost, CancellationToken hungUp)
    {
        using var patience = new CancellationTokenSource(atMost, time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, hungUp, lifetime.ApplicationStopping);
        using var following = news.Follow(vm.Id);
        try
        {
            while (true)
            {
                var row = vms.Find(vm.Id) is { } found && found.Key == vm.Key ? found : null;
                if (row is null || isFarEnough(row))
                {
                    return (true, row);
                }

                await following.WaitAsync(Look, time, ends.Token);
            }
        }
        catch (OperationCanceledException) when (!hungUp.IsCancellationRequested)
        {
            return (false, null);
        }
    }
}
