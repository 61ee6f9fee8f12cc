using Provisioner.Server.Configuration;
using Provisioner.Server.Store;

namespace Provisioner.Server.Commands;

/// <summary>What the operator's verbs that work on the store have in common: they find it by the configuration, whether or not the server runs.</summary>
internal static class StoreCommand
{
    /// <param name="config">The configuration's file.</param>
    /// <param name="act">What to do, and the exit code.</param>
    /// <param name="mustExist">Whether a database is to be there already: an empty one, made anew, would look as if nothing had happened.</param>
    public static int Run(FileInfo? config, Func<Database, int> act, bool mustExist = false)
    {
        var (options, errors) = ConfigurationReader.Read(config?.FullName, Environment.GetEnvironmentVariables(), new Dictionary<string, string>());
        if (options is null)
        {
            return Refuse(string.Join(Environment.NewLine + "  ", errors));
        }

        if (mustExist && options.Store.PostgreSql.Connection.Length == 0 && !File.Exists(SqliteDialect.FileIn(options.DataFolder)))
        {
            return Refuse($"dataFolder: there is no database in {options.DataFolder}: no server has run with it. Name the server's configuration with --config.");
        }

        try
        {
            using var database = new Database(options);
            return act(database);
        }
        catch (DataFolderException problem)
        {
            return Refuse(problem.Message);
        }
        catch (StoreException problem)
        {
            return Refuse(problem.Message);
        }
    }

    public static int Refuse(string message)
    {
        Console.Error.WriteLine($"virtualbox-server: {message}");
        return ExitCodes.Refused;
    }
}
