using Provisioner.Server.Configuration;
using Provisioner.Server.Store;

namespace Provisioner.Server.Doctor;

/// <summary>The store, which a look must not make where there is none.</summary>
internal static class Memory
{
    public static bool Exists(ServerOptions options) =>
        options.Store.PostgreSql.Connection.Length > 0 || File.Exists(SqliteDialect.FileIn(options.DataFolder));
}
