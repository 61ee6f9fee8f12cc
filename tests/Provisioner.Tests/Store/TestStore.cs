using Provisioner.Server.Configuration;
using Provisioner.Server.Store;

namespace Provisioner.Tests.Store;

/// <summary>An empty store in one dialect, and the options by which a server, or two of them, find it.</summary>
internal sealed class TestStore : IDisposable
{
    private readonly List<string> _folders = [];
    private readonly StoreOptions _store;

    private TestStore(StoreOptions store) => _store = store;

    public ServerOptions Options => field ??= OptionsOf("here");

    public static TestStore Sqlite() => new(new StoreOptions());

    public static TestStore PostgreSql(string connection, string passwordFile) =>
        new(new StoreOptions { PostgreSql = new PostgreSqlOptions { Connection = connection, PasswordFile = passwordFile } });

    /// <summary>Another server on this store, with a data folder of its own.</summary>
    public ServerOptions OptionsOf(string host)
    {
        _folders.Add(Directory.CreateTempSubdirectory("store").FullName);
        return new ServerOptions { DataFolder = _folders[^1], Store = _store, Name = host };
    }

    /// <summary>Runs a statement as somebody else would.</summary>
    public void Execute(string sql)
    {
        using var dialect = Dialect.Of(Options);
        using var connection = dialect.Open();
        using var command = connection.CreateCommand();
        command.CommandText = dialect.Translate(sql);
        command.ExecuteNonQuery();
    }

    public void Dispose() => _folders.ForEach(folder => Directory.Delete(folder, recursive: true));
}
