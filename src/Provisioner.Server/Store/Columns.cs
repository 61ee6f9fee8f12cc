using Microsoft.Data.Sqlite;

namespace Provisioner.Server.Store;

/// <summary>The few types that our columns have, and nothing, on their way in and out.</summary>
internal static class Columns
{
    extension(SqliteCommand command)
    {
        public SqliteCommand With(string name, object? value)
        {
            command.Parameters.AddWithValue(name, value switch
            {
                null => DBNull.Value,
                DateTimeOffset time => time.ToUnixTimeMilliseconds(),
                _ => value,
            });
            return command;
        }
    }

    extension(SqliteDataReader row)
    {
        public long? Optional(int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

        public DateTimeOffset? Time(int column) =>
            row.Optional(column) is { } milliseconds ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;
    }
}
