using Provisioner.Server.Configuration;
using Provisioner.Server.Store;

namespace Provisioner.Server.Doctor;

/// <summary>The store, which a look must neither make nor change.</summary>
internal static class Memory
{
    /// <exception cref="StoreException">It cannot be read, or is of another version.</exception>
    public static Database Open(ServerOptions options) => new(options, asItIs: true);

    public static bool Exists(ServerOptions options) =>
        options.Store.PostgreSql.Connection.Length > 0 || File.Exists(SqliteDialect.FileIn(options.DataFolder));
}
