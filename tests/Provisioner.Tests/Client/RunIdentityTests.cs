using CsCheck;
using Provisioner.Client.Text;
using Provisioner.Client.Workflow;

namespace Provisioner.Tests.Client;

public sealed class RunIdentityTests
{
    private static readonly RunIdentity Run = new("https://github.com", "acme/My_Widgets", "11223344556", "2");

    [Fact]
    public void An_id_tells_repository_run_attempt_and_name() =>
        Assert.Matches("^my-widgets-11223344556-2-gpu-tests-[0-9a-f]{6}$", Run.IdFor("", "GPU tests"));

    [Fact]
    public void The_job_that_deletes_derives_the_same_id() => Assert.Equal(Run.IdFor("", "a"), (Run with { }).IdFor("", "a"));

    [Fact]
    public void Names_that_make_the_same_slug_make_different_ids() => Assert.NotEqual(Run.IdFor("", "a b"), Run.IdFor("", "a-b"));

    [Fact]
    public void Another_attempt_run_repository_or_server_has_another_id()
    {
        RunIdentity[] runs =
        [
            Run, Run with { Attempt = "3" }, Run with { RunId = "11223344557" }, Run with { Repository = "other/My_Widgets" }, Run with { ServerUrl = "https://ghe.example.org" },
        ];

        Assert.Equal(runs.Length, runs.Select(run => run.IdFor("", "")).Distinct().Count());
    }

    [Fact]
    public void A_run_is_named_to_the_server_only_for_vms_of_its_own_repository()
    {
        var named = Run.ReferenceFor("ACME/my_widgets")!;

        Assert.Equal((11223344556, 2), (named.Id, named.Attempt));
        Assert.Null(Run.ReferenceFor("acme/another"));
        Assert.Null((Run with { RunId = "x1" }).ReferenceFor(Run.Repository));
    }

    [Fact]
    public void Whatever_the_names_are_the_id_is_valid() =>
        Gen.Select(Gen.String, Gen.String, Gen.String, Gen.String).Sample((repository, run, prefix, name) =>
            Slug.IsValid(new RunIdentity("https://github.com", $"acme/{repository}", $"1{run}"[..Math.Min(20, run.Length + 1)], "1").IdFor(prefix, name)));
}
