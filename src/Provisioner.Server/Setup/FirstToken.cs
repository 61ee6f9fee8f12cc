using Provisioner.Server.Access;
using Provisioner.Server.Configuration;
using Provisioner.Server.Doctor;
using Provisioner.Server.Store;

namespace Provisioner.Server.Setup;

/// <summary>
/// The API token that an installation begins with. It is made by the server's user: what root makes in the data folder, the server cannot read, and what root
/// opens there, that user might have exchanged for a link.
/// </summary>
internal sealed class FirstToken(InstallationPlan plan, Action<string> tell, TimeProvider time)
{
    private const string Name = "first";

    /// <summary>A token that was made and not told of would be lost.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <returns>Its text; null if none was asked for, or there is one.</returns>
    /// <exception cref="InstallationException">It could not be made.</exception>
    public async Task<string?> MakeAsync()
    {
        if (plan.Repository is not { } repository)
        {
            return null;
        }

        var user = plan.User ?? Environment.UserName;
        if (await HostFacts.OwnerOfAsync(Directory.Exists(plan.DataFolder) ? plan.DataFolder : plan.Home) is { } owner && owner != user)
        {
            tell($"left   the token, since {plan.DataFolder} is {owner}'s: sudo -u {owner} {Command("create", repository)}");
            return null;
        }

        var made = user == Environment.UserName ? MakeHere(repository) : await MakeAsAsync(user, repository);
        tell(made is null
            ? $"kept   the token '{Name}': it cannot be shown again; another one: virtualbox-server token create"
            : $"made   the token '{Name}' for {repository}");
        return made;
    }

    private string? MakeHere(string repository)
    {
        var (options, errors) = ConfigurationReader.Read(plan.ConfigurationFile, new Dictionary<string, string>(), new Dictionary<string, string>());
        if (options is null)
        {
            throw new InstallationException($"No token was made, for {plan.ConfigurationFile} has errors:{string.Concat(errors.Select(error => $"\n  - {error}"))}");
        }

        using var database = new Database(options);
        var tokens = new TokenTable(database, time);
        if (tokens.List().Any(token => token.Name == Name && token.IsValid(time.GetUtcNow())))
        {
            return null;
        }

        var made = ApiToken.Create();
        tokens.Add(made, Name, new Grant([repository]), expiresAt: null);
        return made.Text;
    }

    private async Task<string?> MakeAsAsync(string user, string repository)
    {
        var list = await AskAsync(user, "token", "list", "--config", plan.ConfigurationFile) ?? throw Unmade(user, Command("list", ""));
        return list.Split('\n').Any(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, "valid", Name, ..])
            ? null
            : await AskAsync(user, "token", "create", "--config", plan.ConfigurationFile, "--name", Name, "--repository", repository) ?? throw Unmade(user, Command("create", repository));
    }

    /// <summary>This program, as somebody else. The token comes by its output: it is in no argument.</summary>
    private static Task<string?> AskAsync(string user, params string[] words) => HostProgram.AskAsync(Patience, "runuser", ["-u", user, "--", Environment.ProcessPath!, .. words]);

    private string Command(string verb, string repository) =>
        $"virtualbox-server token {verb} --config {plan.ConfigurationFile}" + (repository.Length > 0 ? $" --name {Name} --repository {repository}" : "");

    private static InstallationException Unmade(string user, string command) => new($"No token was made as {user}. See what it says: sudo -u {user} {command}");
}
