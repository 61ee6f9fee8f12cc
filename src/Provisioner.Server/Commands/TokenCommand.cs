using System.CommandLine;
using Provisioner.Hypervisors;
using Provisioner.Server.Access;
using Provisioner.Server.Store;

namespace Provisioner.Server.Commands;

/// <summary><c>token create|list|revoke</c>: who may call the API. Works on the store, whether or not the server runs.</summary>
internal static class TokenCommand
{
    public static Command Create(Option<FileInfo?> config) => new("token", "Make, list and revoke API tokens")
    {
        CreateToken(config),
        ListTokens(config),
        RevokeToken(config),
    };

    private static Command CreateToken(Option<FileInfo?> config)
    {
        var name = new Option<string>("--name") { Description = "What the token is for", Required = true };
        var repositories = new Option<string[]>("--repository")
        {
            Description = "Repository whose runners it may make: owner/name, or owner/* for all of an owner's. May be repeated",
        };
        var role = new Option<HostRole?>("--role") { Description = "viewer: may see the whole host, by the dashboard and /metrics; operator: may also delete and extend all VMs there", HelpName = "viewer|operator" };
        var images = new Option<string[]>("--image") { Description = "Image that it may ask for. May be repeated [default: all]" };
        var most = new Option<int?>("--max-vms") { Description = "How many VMs of one repository it may have at the same time [default: as many as there is room for]", HelpName = "NUMBER" };
        var days = new Option<int?>("--expires-in") { Description = "Days until it expires [default: never]", HelpName = "DAYS" };
        var command = new Command("create", "Make a token and print it, once: it cannot be shown again") { name, repositories, role, images, most, days };
        command.Validators.Add(result =>
        {
            if (result.GetResult(repositories) is null && result.GetResult(role) is null)
            {
                result.AddError("Say what it may do: --repository OWNER/NAME, or --role viewer.");
            }
        });
        command.SetAction(parsed =>
        {
            if (FindProblem(parsed.GetValue(repositories)!, parsed.GetValue(images)!, [parsed.GetValue(days), parsed.GetValue(most)]) is { } problem)
            {
                return Refuse(problem);
            }

            var limits = new GrantLimits { Images = parsed.GetValue(images) is { Length: > 0 } given ? given : null, MaxVms = parsed.GetValue(most), Role = parsed.GetValue(role) };
            return WithStore(parsed.GetValue(config), tokens =>
            {
                var token = ApiToken.Create();
                var expires = parsed.GetValue(days) is { } wanted ? TimeProvider.System.GetUtcNow().AddDays(wanted) : (DateTimeOffset?)null;
                tokens.Add(token, parsed.GetValue(name)!, new Grant(parsed.GetValue(repositories)!) { Limits = limits }, expires);
                Console.WriteLine(token.Text);
                return ExitCodes.Done;
            });
        });
        return command;
    }

    private static string? FindProblem(string[] repositories, string[] images, int?[] numbers) =>
        repositories.Where(pattern => !Grant.IsPattern(pattern)).ToList() is { Count: > 0 } wrong ? $"not a repository: {string.Join(", ", wrong)}. Write owner/name, or owner/*."
        : images.FirstOrDefault(image => !VmId.TryParse(image, out _)) is { } strange ? $"not the alias of an image: {strange}. Leave --image out for all images."
        : numbers.Any(number => number < 1) ? "--expires-in and --max-vms take 1 or more."
        : null;

    private static Command ListTokens(Option<FileInfo?> config)
    {
        var command = new Command("list", "List all tokens, without their secrets");
        command.SetAction(parsed => WithStore(parsed.GetValue(config), tokens =>
        {
            foreach (var token in tokens.List())
            {
                var state = token.RevokedAt is not null ? "revoked" : token.IsValid(TimeProvider.System.GetUtcNow()) ? "valid" : "expired";
                Console.WriteLine($"{token.Id}  {state,-8} {ClaimText.Show(token.Name),-20} {string.Join(", ", token.Grant.Repositories)}{Describe(token.Grant.Limits)}; {Describe(token.LastUsedAt)}");
            }

            return ExitCodes.Done;
        }));
        return command;
    }

    private static string Describe(GrantLimits limits) =>
        $"{(limits.Images is { } images ? $"; images: {string.Join(", ", images)}" : "")}{(limits.MaxVms is { } most ? $"; VMs: {most}" : "")}{(limits.Role is { } role ? $"; role: {role.ToString().ToLowerInvariant()}" : "")}";

    private static string Describe(DateTimeOffset? lastUsed) => lastUsed is { } time ? $"last used {time:u}" : "never used";

    private static Command RevokeToken(Option<FileInfo?> config)
    {
        var id = new Argument<string>("ID") { Description = "The id that 'token list' shows" };
        var command = new Command("revoke", "Revoke a token: its next request is refused, and its open event streams end") { id };
        command.SetAction(parsed => WithStore(parsed.GetValue(config), tokens =>
            tokens.Revoke(parsed.GetValue(id)!) ? ExitCodes.Done : Refuse("there is no valid token of that id; see 'token list'.")));
        return command;
    }

    private static int WithStore(FileInfo? config, Func<TokenTable, int> act) =>
        StoreCommand.Run(config, database => act(new TokenTable(database, TimeProvider.System)));

    private static int Refuse(string message) => StoreCommand.Refuse(message);
}
