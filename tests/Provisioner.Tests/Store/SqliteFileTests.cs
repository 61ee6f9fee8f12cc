using Microsoft.Data.Sqlite;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;
using static Provisioner.Tests.Server.Rows;

namespace Provisioner.Tests.Store;

/// <summary>What holds of the file: whose it is, how it is written, and what happens when it is damaged.</summary>
public sealed class SqliteFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("store").FullName;

    private string File => Path.Combine(_folder, "provisioner.db");

    private ServerOptions Options => new() { DataFolder = _folder, Name = "here" };

    [Theory]
    [InlineData(null)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead)]
    public void The_database_and_its_journal_are_their_owners_alone(UnixFileMode? before)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        if (before is { } mode && !OperatingSystem.IsWindows())
        {
            System.IO.File.Create(File).Dispose();
            System.IO.File.SetUnixFileMode(File, mode);
        }

        using var database = new Database(Options);
        database.Host.ToString();

        string[] files = [File, $"{File}-wal", $"{File}-shm"];
        Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? 0 : System.IO.File.GetUnixFileMode(file)));
    }

    [Fact]
    public void Each_commit_is_in_a_journal_that_is_written_through()
    {
        using var database = new Database(Options);

        var (journal, synchronous) = database.Read(session => (session.Scalar("PRAGMA journal_mode"), session.Scalar("PRAGMA synchronous")));

        Assert.Equal(("wal", 2L), (journal, synchronous));
    }

    [Fact]
    public void A_server_does_not_start_on_a_damaged_database_and_says_which_and_what_to_do()
    {
        Fill();
        var pages = System.IO.File.ReadAllBytes(File);
        pages.AsSpan(4096).Fill(0xA5); // all but the first page
        System.IO.File.WriteAllBytes(File, pages);

        var refusal = Assert.Throws<StoreException>(() => new Database(Options));

        AssertExplains(refusal);
    }

    [Fact]
    public void A_file_that_is_no_database_is_not_taken_for_one()
    {
        System.IO.File.WriteAllText(File, string.Join('\n', Enumerable.Repeat("This is a letter to my aunt.", 200)));

        AssertExplains(Assert.Throws<StoreException>(() => new Database(Options)));
    }

    [Fact]
    public void A_database_that_another_process_holds_is_busy_and_then_goes_on()
    {
        using var database = new Database(Options);
        var vms = new VmTable(database, new VmNews(), TimeProvider.System);
        vms.Add(Vm());
        using (var other = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            other.Open();
            using var held = other.BeginTransaction(deferred: false);

            Assert.Equal(StoreFault.Busy, Assert.Throws<StoreException>(() => vms.Change(Vm().Id, vm => vm with { RunnerId = 1 })).Fault);
            Assert.NotNull(vms.Find(Vm().Id)); // who reads is not held up
        }

        Assert.Equal(2, vms.Change(Vm().Id, vm => vm with { RunnerId = 2 })?.RunnerId);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Fill()
    {
        using var database = new Database(Options);
        var vms = new VmTable(database, new VmNews(), TimeProvider.System);
        for (var number = 0; number < 50; number++)
        {
            vms.Add(Vm($"vm-{number}"));
        }
    }

    private void AssertExplains(StoreException refusal)
    {
        Assert.Equal(StoreFault.Corrupt, refusal.Fault);
        Assert.Contains(File, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("put back a copy", refusal.Message, StringComparison.Ordinal);
    }
}
