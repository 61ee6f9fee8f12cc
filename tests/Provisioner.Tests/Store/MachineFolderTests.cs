using Provisioner.Server.Configuration;
using Provisioner.Server.Store;
using QemuOptions = Provisioner.Hypervisors.Qemu.QemuOptions;

namespace Provisioner.Tests.Store;

/// <summary>A server that came to machines with a store in which nobody wants them would remove them all: it does not start.</summary>
public sealed class MachineFolderTests : IDisposable
{
    private static readonly StoreOptions Shared = new() { PostgreSql = new PostgreSqlOptions { Connection = "Host=db" } };

    private readonly string _folder = Directory.CreateTempSubdirectory("store").FullName;

    private ServerOptions Options => new()
    {
        Name = "here",
        DataFolder = Path.Combine(_folder, "data"),
        Hypervisor = HypervisorKind.Qemu,
        Qemu = new QemuOptions { Folder = Path.Combine(_folder, "machines") },
    };

    [Fact]
    public void The_same_server_comes_back_to_its_machines()
    {
        MachineFolder.Claim(Options);
        MachineFolder.Claim(Options);
        MachineFolder.Claim(Options with { Name = "renamed" }); // one file is one host, whatever its name
    }

    [Fact]
    public void One_with_another_store_or_another_name_in_it_does_not()
    {
        MachineFolder.Claim(Options);
        AssertRefused(Options with { Store = Shared });
        AssertRefused(Options with { DataFolder = Path.Combine(_folder, "other") });

        File.Delete(Path.Combine(_folder, "machines", DataFolder.IdFile));
        MachineFolder.Claim(Options with { Store = Shared });
        MachineFolder.Claim(Options with { Store = Shared });
        AssertRefused(Options with { Store = Shared, Name = "renamed" });
        AssertRefused(Options);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void AssertRefused(ServerOptions options) =>
        Assert.Contains("belong to a server with another dataFolder", Assert.Throws<DataFolderException>(() => MachineFolder.Claim(options)).Message, StringComparison.Ordinal);
}
