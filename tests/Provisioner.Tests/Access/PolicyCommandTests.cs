using Provisioner.Tests.Programs;

namespace Provisioner.Tests.Access;

/// <summary>The operator tries the policy with the program itself.</summary>
public sealed class PolicyCommandTests : IDisposable
{
    private const int Patience = 60_000;

    private const string Policy =
        """
        { "rules": [
          { "name": "release", "who": { "repository_id": 100, "ref": "refs/tags/*", "environment": ["production"] }, "may": { "images": ["*"], "maxVms": 1 } },
          { "name": "main", "who": { "repository_owner_id": 10, "ref": ["refs/heads/main"] },
            "may": { "images": ["debian-12"], "maxVms": 4, "cpus": 2, "memory": 4096, "disk": 32768, "lifetime": "01:00:00", "labels": ["linux"] } },
          { "name": "all", "who": { "repository_id": 100 }, "may": { "images": ["*"], "maxVms": 1 } },
        ] }
        """;

    private const string Claims =
        """
        { "repository": "acme/gpu", "repository_id": "100", "repository_owner_id": "10", "repository_visibility": "private",
          "event_name": "push", "ref": "refs/heads/main", "run_number": 7, "list": [] }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("policy-command").FullName;

    [Fact(Timeout = Patience)]
    public async Task It_says_which_rule_fits_what_that_grants_and_why_others_do_not_fit()
    {
        var (code, output) = await RunAsync("policy", "test", "--claims", Write("claims.json", Claims), "--policy", Write("policy.json", Policy));

        Assert.Equal(0, code);
        Assert.Equal(
            """
            Granted by the rule main.
              repository  acme/gpu
              images      debian-12
              VMs         4 at the same time
              cpus        2
              memory      4096 MiB
              disk        32768 MiB
              lifetime    01:00:00
              hardware    none
              labels      linux

            The other rules:
              release
                ref is refs/heads/main; it wants refs/tags/*
                the token has no environment; it wants production
              all: fits too, but stands further down
            """,
            output);
    }

    [Fact(Timeout = Patience)]
    public async Task Who_is_denied_is_shown_with_what_he_is_told_and_what_each_rule_wants()
    {
        var claims = Claims.Replace("\"push\"", "\"workflow_run\"", StringComparison.Ordinal).Replace("\"100\"", "\"101\"", StringComparison.Ordinal);

        var (code, output) = await RunAsync("policy", "test", "--claims", Write("claims.json", claims), "--policy", Write("policy.json", Policy));

        Assert.Equal(1, code);
        Assert.Equal(
            """
            Denied. The caller is told: No rule allows it. The nearest is main, but event_name is workflow_run, which fits only a rule that names it.

            Why no rule fits:
              release
                repository_id is 101; it wants 100
                ref is refs/heads/main; it wants refs/tags/*
                the token has no environment; it wants production
                event_name is workflow_run, which fits only a rule that names it; it wants push, pull_request, merge_group, schedule, workflow_dispatch, repository_dispatch, release, create, delete, deployment, because it says nothing of event_name
              main
                event_name is workflow_run, which fits only a rule that names it; it wants push, pull_request, merge_group, schedule, workflow_dispatch, repository_dispatch, release, create, delete, deployment, because it says nothing of event_name
              all
                repository_id is 101; it wants 100
                event_name is workflow_run, which fits only a rule that names it; it wants push, pull_request, merge_group, schedule, workflow_dispatch, repository_dispatch, release, create, delete, deployment, because it says nothing of event_name
            """,
            output);
    }

    [Fact(Timeout = Patience)]
    public async Task A_certificate_is_tried_by_its_name()
    {
        var file = Write("policy.json", """{ "rules": [{ "name": "farm", "who": { "certificate": "build-farm" }, "may": { "repositories": ["acme/gpu", "tools/*"], "images": ["*"], "maxVms": 2 } }] }""");

        var (code, output) = await RunAsync("policy", "test", "--certificate", "build-farm", "--policy", file);
        Assert.Equal(0, code);
        Assert.StartsWith("Granted by the rule farm.\n  repository  acme/gpu, tools/*", output, StringComparison.Ordinal);

        (code, output) = await RunAsync("policy", "test", "--certificate", "other", "--policy", file);
        Assert.Equal(1, code);
        Assert.Equal("Denied. The caller is told: No rule names the certificate other.\n\nWhy no rule fits:\n  farm\n    certificate is other; it wants build-farm", output);

        (code, _) = await RunAsync("policy", "test", "--policy", file);
        Assert.Equal(2, code);
    }

    [Fact(Timeout = Patience)]
    public async Task Claims_reach_the_terminal_without_anything_that_could_command_it()
    {
        var claims = Claims.Replace("refs/heads/main", @"refs/heads/\u001b]8;;https://evil.example\u0007\r\n\u202ex", StringComparison.Ordinal);

        var (code, output) = await RunAsync("policy", "test", "--claims", Write("claims.json", claims), "--policy", Write("policy.json", Policy));

        Assert.Equal(0, code); // by the last rule, which says nothing of refs
        Assert.Contains(@"ref is refs/heads/\u001b]8;;https://evil.example\u0007\u000d\u000a\u202ex; it wants", output, StringComparison.Ordinal);
        Assert.DoesNotContain(output, text => text is not '\n' && (char.IsControl(text) || text == '\u202e'));
    }

    [Theory(Timeout = Patience)]
    [InlineData("{", Policy, "claims.json: line 1, column 2: this is not JSON that can be taken.")]
    [InlineData("[]", Policy, "claims.json: the claims must be one JSON object")]
    [InlineData("""{ "ref": "a", "ref": "b" }""", Policy, "claims.json: this is not JSON that can be taken. Duplicate")]
    [InlineData("""{ "repository": "acme/gpu", "ref": "\ud800" }""", Policy, "claims.json: this is not JSON that can be taken. Some text in it is not Unicode")]
    [InlineData("""{ "repository_id": "1" }""", Policy, "claims.json: the claim repository is missing or no repository")]
    [InlineData(Claims, """{ "rules": [{ "name": "a" }] }""", "policy.json: rule a: who: missing, or not an object")]
    public async Task Bad_files_are_neither_granted_nor_denied(string claims, string policy, string expected)
    {
        var (code, output) = await RunAsync("policy", "test", "--claims", Write("claims.json", claims), "--policy", Write("policy.json", policy));

        Assert.Equal(2, code);
        Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task The_policy_of_the_configuration_is_taken_where_none_is_named()
    {
        Write("cert.pem", "");
        Write("policy.json", Policy);
        var claims = Write("claims.json", Claims);
        var with = Write("with.json", $$"""{ "certFile": "{{_folder}}/cert.pem", "keyFile": "{{_folder}}/cert.pem", "policyFile": "{{_folder}}/policy.json" }""");
        var without = Write("without.json", $$"""{ "certFile": "{{_folder}}/cert.pem", "keyFile": "{{_folder}}/cert.pem" }""");

        Assert.Equal(0, (await RunAsync("policy", "test", "--claims", claims, "--config", with)).Code);
        Assert.Equal(2, (await RunAsync("policy", "test", "--claims", claims, "--config", without)).Code);
        Assert.Equal(2, (await RunAsync("policy", "test", "--config", with)).Code);
    }

    [Fact(Timeout = Patience)]
    public async Task A_policy_is_checked_without_claims_and_a_server_with_a_broken_one_does_not_start()
    {
        var good = await RunAsync("policy", "check", Write("policy.json", Policy));
        var bad = await RunAsync("policy", "check", Write("bad.json", """{ "rules": [{}] }"""));
        var server = await RunAsync("--simulate", "--config", Write("server.json", $$"""{ "policyFile": "{{_folder}}/bad.json" }"""));

        Assert.Equal((0, "Good. The rules in their order: release, main, all"), good);
        Assert.Equal(2, bad.Code);
        Assert.Equal(2, server.Code);
        Assert.Contains($"policyFile: {_folder}/bad.json: rule number 1: name: missing.", server.Output, StringComparison.Ordinal);
        Assert.Contains("certFile: missing.", server.Output, StringComparison.Ordinal); // all errors at once
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        using var program = ProductProgram.Start("virtualbox-server", new Dictionary<string, string>(), arguments);
        return (await program.ExitAsync(), program.Output);
    }

    private string Write(string name, string text)
    {
        var file = Path.Combine(_folder, name);
        File.WriteAllText(file, text);
        return file;
    }
}
