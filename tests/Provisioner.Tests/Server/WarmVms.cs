using Microsoft.Extensions.DependencyInjection;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;

namespace Provisioner.Tests.Server;

/// <summary>The warm VMs of a server, running or saved, which callers do not see.</summary>
internal static class WarmVms
{
    /// <summary>One that fits, as soon as there is one.</summary>
    public static async Task<Vm> UntilAsync(RunningServer server, Func<Vm, bool> fits)
    {
        using var following = server.Services.GetRequiredService<VmNews>().Follow(id: null);
        while (true)
        {
            if (All(server).FirstOrDefault(fits) is { } vm)
            {
                return vm;
            }

            await following.WaitAsync(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public static List<Vm> All(RunningServer server) => server.Services.GetRequiredService<Database>().Read(session => VmTable.Query(session, "WHERE warm IS NOT NULL"));
}
