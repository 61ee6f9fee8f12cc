namespace Provisioner.Server.Store;

/// <summary>Brings a database to the newest schema, each step in a transaction of its own.</summary>
internal static class Migration
{
    /// <exception cref="StoreException">The data is damaged, or from a newer version.</exception>
    public static int Bring(Dialect dialect) => Bring(dialect, Schema.Steps);

    /// <summary>Takes no step.</summary>
    /// <exception cref="StoreException">The database has another schema than the newest one.</exception>
    public static int Require(Dialect dialect)
    {
        using var connection = dialect.Open();
        using var transaction = dialect.Begin(connection);
        var have = dialect.ReadVersion(new Session(connection, transaction, dialect));
        return have == Schema.Steps.Count
            ? 0
            : throw new StoreException(StoreFault.Failed, $"{dialect.Place} is of another version (schema {have}, here {Schema.Steps.Count}). Start the server of this version, which brings it up, and ask again.");
    }

    /// <summary>Returns how many steps it took.</summary>
    public static int Bring(Dialect dialect, IReadOnlyList<string> steps)
    {
        using var connection = dialect.Open();
        if (dialect.FindDamage(connection) is { } damage)
        {
            throw new StoreException(StoreFault.Corrupt, StoreText.Describe(StoreFault.Corrupt, dialect.Place, damage));
        }

        for (var taken = 0; ; taken++)
        {
            using var transaction = dialect.Begin(connection);
            var session = new Session(connection, transaction, dialect);
            var have = dialect.ReadVersion(session);
            if (have > steps.Count)
            {
                throw new StoreException(
                    StoreFault.Failed,
                    $"{dialect.Place} was written by a newer version (schema {have}, known {steps.Count}). Install that version again, or use another database.");
            }

            if (have < steps.Count)
            {
                Take(session, dialect, steps[have]);
                dialect.WriteVersion(session, have + 1);
            }

            transaction.Commit();
            if (have >= steps.Count)
            {
                return taken;
            }
        }
    }

    /// <summary>One statement at a time: SQLite's provider is silent about those that fail behind another of the same command.</summary>
    private static void Take(Session session, Dialect dialect, string step)
    {
        foreach (var statement in step.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).SelectMany(dialect.Statements))
        {
            session.Execute(statement);
        }
    }
}
