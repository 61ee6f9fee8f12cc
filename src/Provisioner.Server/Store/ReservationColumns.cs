using System.Data.Common;
using Provisioner.Server.Placement;

namespace Provisioner.Server.Store;

/// <summary>The columns of what a VM holds of its host, from when it was placed until it is released.</summary>
internal static class ReservationColumns
{
    public const string Reserved = "reserved_cpus, reserved_memory, reserved_disk, reserved_devices";

    /// <summary>Null for a row that holds nothing yet, or that was placed before reservations were written.</summary>
    public static Resources? Read(DbDataReader row, int first) => row.Optional(first) is not { } cpus ? null : new Resources
    {
        Count = cpus > 0 ? 1 : 0, // a saved one is off, and takes its disk alone
        Cpus = cpus,
        Memory = row.GetInt64(first + 1),
        Disk = row.GetInt64(first + 2),
        Devices = row.GetString(first + 3).Split('\n', StringSplitOptions.RemoveEmptyEntries),
    };

    public static void Bind(DbCommand command, Resources? reserved) => command
        .With("@reserved_cpus", reserved?.Cpus)
        .With("@reserved_memory", reserved?.Memory)
        .With("@reserved_disk", reserved?.Disk)
        .With("@reserved_devices", reserved is null ? null : string.Join('\n', reserved.Devices));
}
