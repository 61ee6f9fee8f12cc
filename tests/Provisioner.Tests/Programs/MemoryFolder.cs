using Provisioner.Server.Store;

namespace Provisioner.Tests.Programs;

/// <summary>A place for the databases of tests that write much and do not test the disk.</summary>
internal static class MemoryFolder
{
    private const string Shared = "/dev/shm";

    /// <summary>The same folder in memory, where this system has that; it is removed by the system's next start at the latest.</summary>
    public static string In(string folder) =>
        Directory.Exists(Shared) ? DataFolder.Make(Path.Combine(Shared, $"vbdp-tests-{Guid.NewGuid():n}")) : folder;
}
