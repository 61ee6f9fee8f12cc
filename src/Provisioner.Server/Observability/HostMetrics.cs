using System.Diagnostics.Metrics;
using System.Reflection;
using Provisioner.Contracts;
using Provisioner.Server.Configuration;
using Provisioner.Server.Images;
using Provisioner.Server.Placement;
using Provisioner.Server.Store;
using Provisioner.Server.Tls;

namespace Provisioner.Server.Observability;

/// <summary>How the host stands at this moment: read when somebody asks, and never before.</summary>
internal sealed class HostMetrics
{
    public const string Name = "Provisioner.Host";

    public HostMetrics(IMeterFactory meters, ServerOptions options, VmTable vms, HostTable hosts, HostQueue queue, ImageCatalog images, ServerCertificate certificate)
    {
        var meter = meters.Create(Name);
        ServerMeter.Sweeps.Add(0); // there from the start: what begins with its first event has not increased by it
        meter.CreateObservableGauge("vbdp.build.info", () => new Measurement<int>(1, new KeyValuePair<string, object?>("version", Version)), description: "The version that runs");
        meter.CreateObservableGauge("vbdp.vms", () => vms.Count().Select(count => Of(count.Count, ("image", count.Image), ("phase", count.Phase.ToString().ToLowerInvariant()))), description: "VMs of this host that are not gone");
        meter.CreateObservableGauge("vbdp.capacity", () => Amounts(queue.All), description: "What this host has for VMs: count, cpus, memory (bytes), disk (bytes)");
        meter.CreateObservableGauge("vbdp.allocated", () => Amounts(queue.Held()), description: "What VMs hold of it");
        meter.CreateObservableGauge("vbdp.host.draining", () => hosts.FindOwn()?.DrainingSince is null ? 0 : 1, description: "1 while an operator drains this host");
        meter.CreateObservableGauge("vbdp.warm.vms", () => Kept(queue.Warm()), description: "Warm VMs of each image that are ready, and how many there are to be");
        meter.CreateObservableGauge("vbdp.saved.vms", () => Kept(queue.Saved()), description: "The same of saved VMs");
        meter.CreateObservableGauge("vbdp.image.runner.age", () => images.RunnerAges().Select(age => new Measurement<double>(age.Age.TotalSeconds, new KeyValuePair<string, object?>("image", age.Alias))), "s", "Age of the runner of each image that was built here");
        meter.CreateObservableGauge("vbdp.disk.free", () => (double)new DriveInfo(HostCapacity.ExistingFolder(options)).AvailableFreeSpace, "By", "Free space where the disks of VMs are");
        meter.CreateObservableGauge("vbdp.certificate.expiry.timestamp", () => (double)new DateTimeOffset(certificate.Current().TargetCertificate.NotAfter).ToUnixTimeSeconds(), "s", "When the server's certificate expires, in seconds since 1970");
    }

    public static string Version { get; } =
        typeof(HostMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private static IEnumerable<Measurement<long>> Kept(IReadOnlyDictionary<string, WarmView> images) => images.SelectMany(image => new[]
    {
        Of(image.Value.Ready, ("image", image.Key), ("state", "ready")), Of(image.Value.Wanted, ("image", image.Key), ("state", "wanted")),
    });

    private static IEnumerable<Measurement<long>> Amounts(Resources resources) =>
    [
        Of(resources.Count, ("resource", "count")), Of(resources.Cpus, ("resource", "cpus")),
        Of(resources.Memory * 1024 * 1024, ("resource", "memory")), Of(resources.Disk * 1024 * 1024, ("resource", "disk")),
    ];

    private static Measurement<long> Of(long value, params IEnumerable<(string Name, string Value)> labels) =>
        new(value, labels.Select(label => new KeyValuePair<string, object?>(label.Name, label.Value)));
}
