using System.Collections;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;
using Provisioner.Tests.Server;

namespace Provisioner.Tests.Soak;

public sealed class NothingRememberedTests
{
    [Fact(Timeout = 120_000)]
    public async Task Of_a_vm_that_is_gone_nothing_stays_in_memory()
    {
        await using var server = await RunningServer.StartAsync(options =>
            (options.Simulated.JobTime, options.Vms.MaxRunning) = (TimeSpan.Zero, 10));
        await Task.WhenAll(Enumerable.Range(0, 40).Select(async number =>
        {
            await server.CreateVmAsync($"run-{number}");
            await server.UntilGoneAsync($"run-{number}");
        }));

        // The last actions end a moment after the events that tell of their work.
        var news = server.Services.GetRequiredService<VmNews>();
        var reconciler = server.Services.GetServices<IHostedService>().OfType<VmReconciler>().Single();
        using (var following = news.Follow(null))
        {
            while (((UnderWay)Field(reconciler, "_underWay")).Ids.Any())
            {
                await following.WaitAsync(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
            }
        }

        Assert.Equal(0, Entries(server.Services.GetRequiredService<VmWork>(), "_backoff"));
        Assert.Equal(1, Entries(news, "_followers")); // the reconciler's own
        await server.AssertNothingLeftAsync();
    }

    private static int Entries(object owner, string field) => ((ICollection)Field(owner, field)).Count;

    private static object Field(object owner, string field) =>
        owner.GetType().GetField(field, BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(owner)!;
}
