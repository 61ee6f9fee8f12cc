using System.Data.Common;

namespace Provisioner.Server.Store;

/// <summary>The few types that our columns have, and nothing, on their way in and out.</summary>
internal static class Columns
{
    extension(DbCommand command)
    {
        public DbCommand With(string name, object? value)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value switch
            {
                null => DBNull.Value,
                DateTimeOffset time => time.ToUnixTimeMilliseconds(),
                // PostgreSQL has no text with a NUL in it, and guests may send what they like.
                string text => text.Replace('\0', '\uFFFD'),
                _ => value,
            };
            command.Parameters.Add(parameter);
            return command;
        }
    }

    extension(DbDataReader row)
    {
        /// <summary>A whole number. All of ours have 64 bits in the database, and Npgsql's <c>GetInt32</c> reads none of those.</summary>
        public int Number(int column) => checked((int)row.GetInt64(column));

        public long? Optional(int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

        public DateTimeOffset? Time(int column) =>
            row.Optional(column) is { } milliseconds ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;
    }
}
