using Provisioner.Server.Configuration;
using Provisioner.Server.Store;

namespace Provisioner.Server.Commands;

/// <summary>What the operator's verbs that work on the store have in common: they find it by the configuration, whether or not the server runs.</summary>
internal static class StoreCommand
{
    private const int Refused = 2;

    public static int Run(FileInfo? config, Func<Database, int> act)
    {
        var (options, errors) = ConfigurationReader.Read(config?.FullName, Environment.GetEnvironmentVariables(), new Dictionary<string, string>());
        if (options is null)
        {
            return Refuse(string.Join(Environment.NewLine + "  ", errors));
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
        return Refused;
    }
}
