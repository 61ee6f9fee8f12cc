using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;

namespace Provisioner.Server.Images;

/// <summary>Boots a clone of an image, apart from the server's machines, until its guest says that it is ready: then its tools and scripts work.</summary>
internal sealed class ImageTrial(ServerOptions options, ImageFolder folder, TimeProvider time)
{
    private static readonly VmId Trial = VmId.Parse("trial");

    /// <summary>How long the guest took from start to ready.</summary>
    /// <exception cref="ImageException">It did not become ready.</exception>
    /// <exception cref="HypervisorException">It could not be cloned or started.</exception>
    public async Task<TimeSpan> RunAsync(BaseImage image, ImageOptions sizes, CancellationToken cancellationToken)
    {
        using var one = folder.Lock();
        await using var hypervisor = ImageTools.Hypervisor(options, folder, time);
        using var patience = new CancellationTokenSource(options.Vms.BootTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await hypervisor.EnsureGoneAsync(Trial, cancellationToken);
            await hypervisor.EnsureClonedAsync(
                new VmSpecification
                {
                    Id = Trial, Image = image, Cpus = sizes.Cpus, MemoryMegabytes = sizes.Memory, Label = "trial", Owner = "trial", Repository = "trial",
                }, cancellationToken);
            var started = time.GetTimestamp();
            await hypervisor.EnsureStartedAsync(Trial, cancellationToken);
            await AwaitReadyAsync(hypervisor, either.Token);
            return time.GetElapsedTime(started);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ImageException($"its guest did not say ready within {options.Vms.BootTimeout} (vms.bootTimeout). Its console ends so:{Environment.NewLine}{await LastWordsAsync(hypervisor)}");
        }
        finally
        {
            await hypervisor.EnsureGoneAsync(Trial, CancellationToken.None);
        }
    }

    private static async Task AwaitReadyAsync(IHypervisor hypervisor, CancellationToken cancellationToken)
    {
        await foreach (var seen in hypervisor.WatchAsync(cancellationToken))
        {
            switch (seen)
            {
                case { Id: var id } when id != Trial:
                    break;
                case { Report: { Phase: GuestPhase.Ready } }:
                    return;
                case { Report: { Phase: GuestPhase.Failed, Detail: var why } }:
                    throw new ImageException($"its guest failed: {Access.ClaimText.Show(why ?? "")}");
                case { Report: null } when (await hypervisor.ListAsync(cancellationToken)).Any(vm => vm.Id == Trial && vm.Power == VmPower.Off):
                    throw new ImageException($"its guest powered off before it said ready. Its console ends so:{Environment.NewLine}{await LastWordsAsync(hypervisor)}");
            }
        }
    }

    private static async Task<string> LastWordsAsync(IHypervisor hypervisor) => string.Join(
        Environment.NewLine,
        (await hypervisor.ReadConsoleAsync(Trial, CancellationToken.None)).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .TakeLast(10).Select(line => $"  | {Access.ClaimText.Show(line)}"));
}
