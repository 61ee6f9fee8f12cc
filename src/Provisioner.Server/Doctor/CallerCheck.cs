using Provisioner.Server.Access;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;

namespace Provisioner.Server.Doctor;

/// <summary>Whether anybody may ask for a VM at all: by a token, a workflow's identity, or a certificate.</summary>
internal static class CallerCheck
{
    private const string Name = "callers";
    private const string Page = "docs/how-to/write-a-policy.md";

    /// <param name="options">The configuration.</param>
    /// <param name="time">By which tokens expire.</param>
    /// <param name="mayOpenStore">Whether the store is opened: not by another user than the server's.</param>
    public static Task<IReadOnlyList<Finding>> LookAsync(ServerOptions options, TimeProvider time, bool mayOpenStore)
    {
        var rules = options.PolicyFile is { } file ? PolicyFile.Read(file).Rules?.Count ?? 0 : 0;
        var tokens = mayOpenStore ? CountTokens(options, time) : 0;
        var ways = new List<string>();
        Add(ways, tokens, "API token");
        Add(ways, options.Oidc.IsOn || options.ClientCertificates.IsOn ? rules : 0, "rule");
        IReadOnlyList<Finding> findings = (ways.Count, options) switch
        {
            (0, _) when !mayOpenStore => [],
            (0, _) => [Finding.Fail(Name, "Nobody may ask for a VM: there is no API token, and no rule for workflows.", "virtualbox-server token create --name NAME --repository OWNER/NAME", Page)],
            (_, { PolicyFile: not null, Oidc.IsOn: false, ClientCertificates.IsOn: false }) =>
                [Finding.Warn(Name, "There are rules, and neither workflows nor certificates are let in: nothing can come by them.", "Set oidc.audience to the address that workflows use.", Page)],
            _ => [Finding.Ok(Name, string.Join(", ", ways))],
        };
        return Task.FromResult(findings);
    }

    private static int CountTokens(ServerOptions options, TimeProvider time)
    {
        if (!Memory.Exists(options))
        {
            return 0;
        }

        using var database = Memory.Open(options);
        return new TokenTable(database, time).List().Count(token => token.IsValid(time.GetUtcNow()) && token.Grant.Repositories.Count > 0);
    }

    private static void Add(List<string> ways, int count, string what)
    {
        if (count > 0)
        {
            ways.Add($"{count} {what}{(count == 1 ? "" : "s")}");
        }
    }
}
