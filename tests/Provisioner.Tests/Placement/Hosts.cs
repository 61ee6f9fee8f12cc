using Provisioner.Hypervisors;
using Provisioner.Server.Placement;

namespace Provisioner.Tests.Placement;

/// <summary>Plain hosts and queues to decide about.</summary>
internal static class Hosts
{
    public static DateTimeOffset Noon { get; } = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    public static Resources Of(int count, int cpus = 1000, int memory = 1_000_000, int disk = 1_000_000, params string[] devices) =>
        new() { Count = count, Cpus = cpus, Memory = memory, Disk = disk, Devices = devices };

    public static Resources Need(int cpus = 1, int memory = 1024, params string[] devices) =>
        new() { Count = 1, Cpus = cpus, Memory = memory, Disk = 10, Devices = devices };

    /// <param name="id">Its id, such as <c>a-1</c>; what is before the dash is its repository.</param>
    /// <param name="second">When it was asked for, in seconds after noon.</param>
    /// <param name="needs">What it takes.</param>
    public static Waiting Waits(string id, double second, Resources? needs = null) =>
        new() { Id = VmId.Parse(id), Repository = $"acme/{id.Split('-')[0]}", Since = Noon.AddSeconds(second), Needs = needs ?? Need() };

    public static QueueState State(params IReadOnlyList<Waiting> queue) => new(Resources.None, queue, new Dictionary<string, DateTimeOffset>());

    public static IEnumerable<string> Ids(this IEnumerable<Waiting> waiting) => waiting.Select(one => one.Id.Value);
}
