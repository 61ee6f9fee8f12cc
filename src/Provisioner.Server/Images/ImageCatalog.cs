using System.Collections.Concurrent;
using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Images;

/// <summary>The images of the configuration, and whether each can be cloned now. Callers know aliases only.</summary>
internal sealed class ImageCatalog(IHypervisor hypervisor, ServerOptions options, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);

    /// <summary>A call in a hundred stalls for ten seconds (VBoxManage): no request waits for it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, (long At, ImageHealth Health)> _checked = new();

    public bool Knows(string alias) => options.Images.ContainsKey(alias);

    public IEnumerable<string> Aliases => options.Images.Keys.Order(StringComparer.Ordinal);

    /// <summary>Everything about a VM that the hypervisor must know to clone it.</summary>
    public VmSpecification Specify(Vm vm)
    {
        if (!options.Images.TryGetValue(vm.Image, out var image))
        {
            throw new HypervisorException(HypervisorFault.ImageUnusable, $"The image {vm.Image} is no longer in the configuration.");
        }

        return new VmSpecification
        {
            Id = vm.Id,
            Image = new BaseImage(image.Source, image.Snapshot),
            Cpus = vm.Cpus ?? image.Cpus,
            MemoryMegabytes = vm.Memory ?? image.Memory,
            Label = vm.Id.Value,
            Owner = vm.Repository.Owner,
            Repository = vm.Repository.Name,
        };
    }

    public async Task<IReadOnlyList<ImageView>> ListAsync(CancellationToken cancellationToken)
    {
        var views = new List<ImageView>();
        foreach (var alias in Aliases)
        {
            var health = await CheckAsync(alias, cancellationToken);
            var image = options.Images[alias];
            views.Add(new ImageView(alias, image.Cpus, image.Memory, health.IsUsable, health.Problem));
        }

        return views;
    }

    /// <summary>Whether an image can be cloned, as of at most half a minute ago. Unknown counts as usable: the clone will tell.</summary>
    public async Task<ImageHealth> CheckAsync(string alias, CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        if (_checked.TryGetValue(alias, out var known) && known.Health.IsUsable && time.GetElapsedTime(known.At, now) < Fresh)
        {
            return known.Health;
        }

        var image = options.Images[alias];
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var health = await hypervisor.InspectAsync(new BaseImage(image.Source, image.Snapshot), either.Token);
            _checked[alias] = (now, health);
            return health;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ImageHealth();
        }
    }
}
