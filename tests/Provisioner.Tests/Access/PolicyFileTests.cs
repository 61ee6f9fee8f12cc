using System.Text;
using Provisioner.Server.Access;
using Provisioner.Tests.Docs;

namespace Provisioner.Tests.Access;

/// <summary>A file with mistakes is refused whole, and all of them are named: rule, key, cause and remedy.</summary>
public sealed class PolicyFileTests
{
    [Fact]
    public void All_errors_of_a_file_are_said_at_once()
    {
        var errors = Policies.Errors(
            """
            { // a remark
              "rule": 1,
              "rules": [
                { "name": "main", "who": { "ref": "main", "repozitory_id": 1 }, "may": { "image": ["a"], "maxVms": 0, "cpus": "two" }, "hosts": [] },
                { "name": "main", "who": { "repository_id": "acme/gpu", "sub": "repo:acme/gpu:*" }, "may": { "images": "all", "maxVms": 1, "lifetime": "1h", "memory": 64, "disk": 0 } },
                { "name": "no way", "who": [], "may": { "images": ["*", "a"], "maxVms": 1, "hardware": ["*"], "labels": ["a b", 1] } },
                { "who": { "repository_id": [] } },
                7,
              ],
            }
            """);

        Assert.Equal(
            [
                "rule: there is no such key; known is rules.",
                "rule main: hosts: there is no such key; known are name, who, may.",
                "rule main: who.ref: \"main\" could never fit. Write a whole ref such as refs/heads/main, refs/tags/v1.2 or refs/pull/7/merge; a * may end it behind refs/tags/ or behind a /, as in refs/heads/release/*.",
                "rule main: who.repozitory_id: there is no such claim; a rule can name repository_id, repository_owner_id, actor_id, enterprise_id, ref, ref_type, ref_protected, base_ref, head_ref, job_workflow_ref, job_workflow_sha, workflow_ref, workflow_sha, environment, event_name, repository_visibility, runner_environment, certificate.",
                "rule main: who: repository_id or repository_owner_id is missing. Each rule names one of them: other claims can be had by anybody on GitHub.",
                "rule main: may.image: there is no such key; known are images, maxVms, cpus, memory, disk, lifetime, hardware, labels, repositories, role.",
                "rule main: may.images: missing or empty. Name the images, or write [\"*\"] for all of them.",
                "rule main: may.maxVms: 0 is not a whole number of 1 or more.",
                "rule main: may.cpus: \"two\" is not a whole number of 1 or more.",
                "rule main: who.repository_id: \"acme/gpu\" could never fit. Write GitHub's number, as 'gh api repos/OWNER/NAME --jq .id' shows it.",
                "rule main: who.sub: a rule cannot name this claim: its form differs between repositories and can be customised. Name the claims that it is made of.",
                "rule main: may.images: \"all\" is not a list of texts.",
                "rule main: may.memory: 64 is not a whole number of 128 or more.",
                "rule main: may.disk: 0 is not a whole number of 1 or more.",
                "rule main: may.lifetime: \"1h\" is not a time of a minute to 365 days, such as \"02:00:00\".",
                "rule number 3: name: \"no way\" is not a name: 1 to 63 letters, digits, dots, dashes and underscores.",
                "rule number 3: who: missing, or not an object: the claims that a workflow must have.",
                "rule number 3: may.images: '*' cannot be one. Write 1 to 63 lower-case letters, digits and dashes, beginning with a letter or digit; or [\"*\"] alone for all of them.",
                "rule number 3: may.hardware: '*' cannot be one. Write the name of a hardware profile, or of a device of capacity.devices, not *.",
                "rule number 3: may.labels: [\"a b\", 1] is not a list of texts.",
                "rule number 4: name: missing. It stands in answers, logs and the store.",
                "rule number 4: who.repository_id: an empty list fits nobody. Name values, or leave the key out.",
                "rule number 4: may: missing, or not an object: what it may then ask for.",
                "rule number 5: a rule is an object with name, who and may.",
                "rule main: name: 2 rules have this name. Give each its own, so that it is clear which one is meant.",
            ],
            errors);
    }

    [Theory]
    [InlineData("repository_id", "1.5")]
    [InlineData("repository_id", "1e5")]
    [InlineData("repository_id", "-1")]
    [InlineData("repository_id", "\"007\"")]
    [InlineData("repository_id", "\"1*\"")]
    [InlineData("repository_id", "\"1\\n\"")]
    [InlineData("repository_id", "null")]
    [InlineData("repository_id", "{}")]
    [InlineData("repository_id", "[[1]]")]
    [InlineData("actor_id", "\"*\"")]
    [InlineData("ref", "\"*\"")]
    [InlineData("ref", "\"refs/*\"")]
    [InlineData("ref", "\"refs/heads/main*\"")]
    [InlineData("ref", "\"refs/heads/*/x\"")]
    [InlineData("ref", "\"refs/heads/a b\"")]
    [InlineData("ref_protected", "\"yes\"")]
    [InlineData("ref_type", "\"branches\"")]
    [InlineData("job_workflow_ref", "\"*\"")]
    [InlineData("job_workflow_ref", "\"acme/*\"")]
    [InlineData("job_workflow_ref", "\"acme/gpu/.github/workflows/ci.yml\"")]
    [InlineData("job_workflow_ref", "\"acme/gpu/.github/workflows/*@refs/heads/main\"")]
    [InlineData("job_workflow_ref", "\"acme/gpu/.github/workflows/ci.yml@*\"")]
    [InlineData("job_workflow_ref", "\"acme/gpu/.github/workflows/ci.yml@refs/heads/main*\"")]
    [InlineData("workflow_ref", "\"acme/gpu/.github/workflows/ci.yml@refs/heads/*\"")]
    [InlineData("job_workflow_sha", "\"abc\"")]
    [InlineData("environment", "\"prod*\"")]
    [InlineData("environment", "\"\"")]
    [InlineData("event_name", "\"*\"")]
    [InlineData("repository_visibility", "\"secret\"")]
    [InlineData("runner_environment", "\"mine\"")]
    public void A_value_that_could_never_fit_or_would_fit_too_much_is_an_error(string claim, string value)
    {
        var ids = claim == "repository_id" ? "" : "\"repository_id\": 1, ";

        var error = Assert.Single(Policies.Errors($$"""{ "rules": [{ "name": "a", "who": { {{ids}}"{{claim}}": {{value}} }, "may": { "images": ["*"], "maxVms": 1 } }] }"""));

        Assert.StartsWith($"rule a: who.{claim}: ", error, StringComparison.Ordinal);
        Assert.Contains("Write ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ref", "refs/heads/main")]
    [InlineData("ref", "refs/heads/*")]
    [InlineData("ref", "refs/heads/release/*")]
    [InlineData("ref", "refs/tags/v1.*")]
    [InlineData("ref", "refs/tags/*")]
    [InlineData("ref", "refs/pull/*")]
    [InlineData("job_workflow_ref", "acme/shared/.github/workflows/vm.yml@refs/tags/v1.*")]
    [InlineData("workflow_ref", "acme/gpu/.github/workflows/ci.yml@refs/heads/main")]
    [InlineData("job_workflow_sha", "0123456789abcdef0123456789abcdef01234567")]
    [InlineData("event_name", "an_event_of_next_year")]
    public void A_value_that_can_fit_is_taken(string claim, string value) =>
        Assert.Empty(Policies.Errors($$"""{ "rules": [{ "name": "a", "who": { "repository_id": 1, "{{claim}}": "{{value}}" }, "may": { "images": ["*"], "maxVms": 1 } }] }"""));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{ \"rules\": {} }")]
    [InlineData("{ \"rules\": [] ")]
    [InlineData("{ \"rules\": [], \"rules\": [] }")]
    [InlineData("{ \"rules\": [ { \"name\": \"a\", \"who\": { \"repository_id\": 1, \"repository_id\": 2 } } ] }")]
    [InlineData("{ \"rules\": [[[[[[[[[[[[[[[[[[ ]]]]]]]]]]]]]]]]]] }")]
    public void What_is_no_policy_is_one_error(string text) => Assert.Single(Policies.Errors(text));

    [Theory]
    [InlineData("{ \"rules\": [{ \"name\": \"\\ud800\" }] }")]
    [InlineData("{ \"rules\": [{ \"\\ud800\": 1 }] }")]
    [InlineData("{ \"\\udc00\": 1, \"rules\": [] }")]
    [InlineData("{ \"rules\": [{ \"name\": \"a\", \"who\": { \"environment\": \"\\ud800\" } }] }")]
    [InlineData("{ \"rules\": [{ \"name\": \"a\", \"may\": { \"images\": [\"\\ud800\"] } }] }")]
    public void What_is_not_unicode_is_one_error(string text) =>
        Assert.Equal("this is not JSON that can be taken. Some text in it is not Unicode; save the file as UTF-8.", Assert.Single(Policies.Errors(text)));

    [Fact]
    public void Whatever_the_bytes_are_they_are_rules_or_errors()
    {
        var random = new Random(20261126);
        var good = Encoding.UTF8.GetBytes(Page.Read("docs/reference/policy.md").Blocks("jsonc").Single());
        for (var run = 0; run < 5_000; run++)
        {
            var text = good.ToArray();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                text[random.Next(text.Length)] = random.Next(3) == 0 ? (byte)random.Next(256) : good[random.Next(good.Length)];
            }

            var (rules, errors) = PolicyFile.Parse(text);

            Assert.Equal(rules is null, errors.Count > 0);
        }
    }

    [Fact]
    public void An_empty_list_is_a_policy_that_denies_everything() => Assert.Empty(Policies.Rules("\uFEFF{ \"rules\": [] }"));

    [Fact]
    public void What_a_file_says_cannot_move_a_terminals_cursor()
    {
        var errors = Policies.Errors("{ \"rules\": [{ \"name\": \"\u001b[2J\", \"\u001b]0;x\u0007\": 1, \"who\": { \"\\u001b\": 1 }, \"may\": { \"images\": [\"\u202e\"], \"maxVms\": 1 } }] }");

        Assert.True(errors.Count > 0);
        Assert.DoesNotContain(string.Concat(errors), text => char.IsControl(text) || text == '\u202e');
    }

    [Fact]
    public void A_file_that_is_not_there_or_too_large_is_an_error()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, $"{{ \"rules\": [] }}{new string(' ', 1024 * 1024)}", Encoding.UTF8);

            Assert.Contains("larger than", Assert.Single(PolicyFile.Read(file).Errors), StringComparison.Ordinal);
            Assert.All(
                new[] { $"{file}.none", "", "\0", Path.GetTempPath() },
                other => Assert.Contains("cannot be read", Assert.Single(PolicyFile.Read(other).Errors), StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(file);
        }
    }
}
