using System.CommandLine;
using Provisioner.Server.Access;
using Provisioner.Server.Configuration;

namespace Provisioner.Server.Commands;

/// <summary><c>policy test|check</c>: what the rules say, without a server and without a token.</summary>
internal static class PolicyCommand
{
    public static Command Create(Option<FileInfo?> config) => new("policy", "Try the rules that say what workflows, and clients with a certificate, may do")
    {
        Test(config),
        Check(),
    };

    private static Command Test(Option<FileInfo?> config)
    {
        var claims = new Option<FileInfo>("--claims") { Description = "JSON object with the claims of a token", HelpName = "FILE" };
        var certificate = new Option<string?>("--certificate") { Description = "Instead of claims: the name in a client's certificate", HelpName = "NAME" };
        var policy = new Option<FileInfo?>("--policy") { Description = "The rules [default: policyFile of the configuration]", HelpName = "FILE" };
        var command = new Command(
            "test", "Say which rule fits some claims, what it grants, and why the others do not fit. Exit codes: 0 granted, 1 denied, 2 bad files") { claims, certificate, policy };
        command.Validators.Add(result =>
        {
            if (result.GetResult(claims) is null == result.GetResult(certificate) is null)
            {
                result.AddError("Say who asks: --claims FILE, or --certificate NAME.");
            }
        });
        command.SetAction(parsed =>
        {
            var (file, errors) = FindPolicy(parsed.GetValue(policy), parsed.GetValue(config));
            if (file is null)
            {
                return Refuse(errors);
            }

            var (rules, problems) = PolicyFile.Read(file);
            if (parsed.GetValue(certificate) is { } name)
            {
                return rules is null ? Refuse([.. problems.Select(text => $"{file}: {text}")]) : Report(rules, name);
            }

            var (who, problem) = WrittenClaims.ReadFile(parsed.GetValue(claims)!.FullName);
            return rules is null || who is null
                ? Refuse([.. problems.Select(text => $"{file}: {text}"), .. problem is null ? Array.Empty<string>() : [problem]])
                : Report(rules, who);
        });
        return command;
    }

    private static Command Check()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "A file of rules" };
        var command = new Command("check", "Say everything that is wrong with a file of rules. Exit codes: 0 good, 2 not") { file };
        command.SetAction(parsed =>
        {
            var (rules, errors) = PolicyFile.Read(parsed.GetValue(file)!.FullName);
            if (rules is null)
            {
                return Refuse(errors);
            }

            Console.WriteLine(rules.Count == 0 ? "Good, but there is no rule: workflows may do nothing." : $"Good. The rules in their order: {string.Join(", ", rules.Select(rule => rule.Name))}");
            return ExitCodes.Done;
        });
        return command;
    }

    private static (string? File, IReadOnlyList<string> Errors) FindPolicy(FileInfo? policy, FileInfo? config)
    {
        if (policy is not null)
        {
            return (policy.FullName, []);
        }

        var (options, errors) = ConfigurationReader.Read(config?.FullName, Environment.GetEnvironmentVariables(), new Dictionary<string, string>());
        return options is null ? (null, errors)
            : options.PolicyFile is { } file ? (file, [])
            : (null, ["there are no rules: the configuration has no policyFile, so that workflows may do nothing. Name a file with --policy."]);
    }

    private static int Report(IReadOnlyList<PolicyRule> rules, WorkflowIdentity who)
    {
        var policy = new AccessPolicy();
        policy.Take(rules);
        return Print(policy.Decide(who), policy.Explain(who.Claims));
    }

    private static int Report(IReadOnlyList<PolicyRule> rules, string certificate)
    {
        var policy = new AccessPolicy();
        policy.Take(rules);
        return Print(policy.DecideCertificate(certificate), policy.ExplainCertificate(certificate));
    }

    private static int Print(PolicyDecision decision, IReadOnlyList<RuleVerdict> verdicts)
    {
        foreach (var line in PolicyReport.Lines(decision, verdicts))
        {
            Console.WriteLine(line);
        }

        return decision.Grant is null ? ExitCodes.Failed : ExitCodes.Done;
    }

    private static int Refuse(IReadOnlyList<string> errors)
    {
        foreach (var error in errors)
        {
            Console.Error.WriteLine($"virtualbox-server: {error}");
        }

        return ExitCodes.Refused;
    }
}
