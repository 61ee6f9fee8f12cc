using System.Text.Json;
using System.Text.RegularExpressions;

namespace Provisioner.Server.Access;

/// <summary>Reads one rule of a policy, <c>{"name": ..., "who": {...}, "may": {...}}</c>, and adds all that is wrong with it to the errors.</summary>
internal sealed partial class RuleReader(List<string> errors, int number)
{
    public const string Repositories = "repositories";
    public const string Role = "role";

    private string _rule = $"rule number {number}";

    /// <summary>Null where so much is wrong that there is no rule with a name; the errors tell of all else.</summary>
    public PolicyRule? Read(JsonElement rule)
    {
        if (rule.ValueKind != JsonValueKind.Object)
        {
            Add("", "a rule is an object with name, who and may.");
            return null;
        }

        var name = ReadName(rule);
        foreach (var key in rule.EnumerateObject().Where(key => key.Name is not ("name" or "who" or "may")))
        {
            Add(ClaimText.Show(key.Name), "there is no such key; known are name, who, may.");
        }

        var who = Part(rule, "who", "the claims that a workflow must have") is { } claims ? ReadWho(claims) : [];
        if (Part(rule, "may", "what it may then ask for") is not { } may)
        {
            return null;
        }

        var made = new PolicyRule(name ?? "", who, new LimitReader(Add).Read(may));
        made = made with
        {
            Repositories = ReadRepositories(may, made.IsForCertificates),
            Limits = made.Limits with { Role = ReadRole(may, made.IsForCertificates) },
        };
        return name is null ? null : made;
    }

    /// <summary>A workflow's token says whose VMs it may have; a certificate does not.</summary>
    private List<string> ReadRepositories(JsonElement may, bool ofCertificate)
    {
        var isThere = may.TryGetProperty(Repositories, out var list);
        if (!ofCertificate)
        {
            if (isThere)
            {
                Add($"may.{Repositories}", "a workflow has VMs of its own repository only. Leave the key out; it is for rules with a certificate.");
            }

            return [];
        }

        if (LimitReader.LooksOnly(may))
        {
            return [];
        }

        var names = isThere && list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(name => name.ValueKind == JsonValueKind.String)
            ? list.EnumerateArray().Select(name => name.GetString()!).ToList() : [];
        if (names.Count == 0 || !names.TrueForAll(Grant.IsPattern))
        {
            Add($"may.{Repositories}", $"{(isThere ? Shown(list) : "nothing")} is no list of repositories. A rule with a certificate names those that its client may have VMs of: [\"OWNER/NAME\"], or [\"OWNER/*\"] for all of an owner's.");
        }

        return names;
    }

    /// <summary>A person at a browser may see the whole host; a workflow has nothing to look for there.</summary>
    private HostRole? ReadRole(JsonElement may, bool ofCertificate)
    {
        if (!may.TryGetProperty(Role, out var role))
        {
            return null;
        }

        if (ofCertificate && role.ValueKind == JsonValueKind.String && role.GetString() is "viewer" or "operator")
        {
            return role.GetString() == "viewer" ? HostRole.Viewer : HostRole.Operator;
        }

        Add($"may.{Role}", ofCertificate
            ? $"{Shown(role)} is no role. Write \"viewer\", who sees the whole host, or \"operator\", who may also delete and extend all VMs there."
            : "a workflow sees its own VMs only. Leave the key out; it is for rules with a certificate.");
        return null;
    }

    private string? ReadName(JsonElement rule)
    {
        if (!rule.TryGetProperty("name", out var name))
        {
            Add("name", "missing. It stands in answers, logs and the store.");
        }
        else if (name.ValueKind != JsonValueKind.String || !Name().IsMatch(name.GetString()!))
        {
            Add("name", $"{Shown(name)} is not a name: 1 to 63 letters, digits, dots, dashes and underscores.");
        }
        else
        {
            _rule = $"rule {name.GetString()}";
            return name.GetString();
        }

        return null;
    }

    private JsonElement? Part(JsonElement rule, string key, string meaning)
    {
        if (rule.TryGetProperty(key, out var part) && part.ValueKind == JsonValueKind.Object)
        {
            return part;
        }

        Add(key, $"missing, or not an object: {meaning}.");
        return null;
    }

    private List<ClaimCondition> ReadWho(JsonElement who)
    {
        var conditions = who.EnumerateObject().Select(ReadCondition).OfType<ClaimCondition>().ToList();
        if (who.TryGetProperty(PolicyClaims.Certificate, out _))
        {
            if (who.EnumerateObject().Count() > 1)
            {
                Add("who", $"a certificate has no claims. Write {PolicyClaims.Certificate} alone, and another rule for workflows.");
            }

            return conditions;
        }

        if (!PolicyClaims.Ids.Any(id => who.TryGetProperty(id, out _)))
        {
            Add("who", $"{string.Join(" or ", PolicyClaims.Ids)} is missing. Each rule names one of them: other claims can be had by anybody on GitHub.");
        }

        return [.. conditions, .. PolicyClaims.Unwritten.Where(unwritten => !who.TryGetProperty(unwritten.Claim, out _))];
    }

    private ClaimCondition? ReadCondition(JsonProperty claim)
    {
        var key = $"who.{ClaimText.Show(claim.Name)}";
        if (PolicyClaims.FindProblem(claim.Name) is { } problem)
        {
            Add(key, problem);
            return null;
        }

        var elements = claim.Value.ValueKind == JsonValueKind.Array ? [.. claim.Value.EnumerateArray()] : new List<JsonElement> { claim.Value };
        if (elements.Count == 0)
        {
            Add(key, "an empty list fits nobody. Name values, or leave the key out.");
        }

        var values = elements.Select(element => ReadValue(key, claim.Name, element)).OfType<string>().ToList();
        return new ClaimCondition(claim.Name, values);
    }

    private string? ReadValue(string key, string claim, JsonElement element)
    {
        var value = element.ValueKind switch
        {
            JsonValueKind.String => element.GetString()!,
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => element.GetRawText(),
            _ => null,
        };
        if (value is null)
        {
            Add(key, $"{Shown(element)} is no value of a claim. Write texts, or a list of them.");
        }
        else if (PolicyClaims.FindProblem(claim, value) is { } form)
        {
            Add(key, $"{Shown(element)} could never fit. Write {form}.");
        }

        return value;
    }

    private void Add(string key, string problem) => errors.Add($"{_rule}: {(key.Length == 0 ? "" : $"{key}: ")}{problem}");

    internal static string Shown(JsonElement element) => ClaimText.Show(element.GetRawText());

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}\z")]
    private static partial Regex Name();
}
