using Provisioner.GitHub;
using Provisioner.Hypervisors;
using Provisioner.Server.Vms;

namespace Provisioner.Tests.Server;

/// <summary>A plain row to begin with.</summary>
internal static class Rows
{
    public static DateTimeOffset Noon { get; } = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    public static Vm Vm(string id = "vm-1") => new()
    {
        Id = VmId.Parse(id),
        Key = "key",
        Caller = "token:1 (tests)",
        Repository = RepositoryName.Parse("acme/gpu"),
        Image = "debian-12",
        Labels = [id],
        CreatedAt = Noon,
        ExpiresAt = Noon.AddHours(2),
    };
}
