using System.Text;
using Provisioner.Hypervisors;
using Provisioner.Server.Images.Building;

namespace Provisioner.HypervisorTests;

/// <summary>A seed whose content names its machine. No guest reads it here.</summary>
internal static class Seeds
{
    private static readonly DateTimeOffset Made = new(2026, 11, 26, 8, 30, 15, TimeSpan.Zero);

    public static VmSeed Make() => new("digest", (id, disk) =>
        SeedDisk.Write(disk, "cidata", new Dictionary<string, Func<Stream>> { ["meta-data"] = () => new MemoryStream(Encoding.ASCII.GetBytes($"seed of {id}")) }, Made));
}
