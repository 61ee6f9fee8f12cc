using System.Text.RegularExpressions;

namespace Provisioner.Server.Access;

/// <summary>The claims of GitHub's tokens that a rule may name, and what each can be. What could never match is an error, not a rule that sleeps.</summary>
internal static partial class PolicyClaims
{
    /// <summary>Not a claim of GitHub's: the name in a client's certificate, for rules that are about no workflow.</summary>
    public const string Certificate = "certificate";

    private const string RefForm = "a whole ref such as refs/heads/main, refs/tags/v1.2 or refs/pull/7/merge; a * may end it behind refs/tags/ or behind a /, as in refs/heads/release/*";
    private const string WorkflowForm = "a workflow with its ref, OWNER/REPOSITORY/.github/workflows/FILE@REF, or @ and the commit where it is called by that";

    private static readonly Dictionary<string, (string Form, Func<string, bool> Fits)> Known = new()
    {
        ["repository_id"] = ("GitHub's number, as 'gh api repos/OWNER/NAME --jq .id' shows it", Number().IsMatch),
        ["repository_owner_id"] = ("GitHub's number, as 'gh api users/OWNER --jq .id' shows it", Number().IsMatch),
        ["actor_id"] = ("GitHub's number, as 'gh api users/NAME --jq .id' shows it", Number().IsMatch),
        ["enterprise_id"] = ("GitHub's number", Number().IsMatch),
        ["ref"] = (RefForm, IsRef),
        ["ref_type"] = ("branch or tag", value => value is "branch" or "tag"),
        ["ref_protected"] = ("true or false", value => value is "true" or "false"),
        ["base_ref"] = ("the name of a branch", IsText),
        ["head_ref"] = ("the name of a branch", IsText),
        ["job_workflow_ref"] = ($"{WorkflowForm}; a * may end it as in a ref", value => IsWorkflow(value, IsRef)),
        ["job_workflow_sha"] = ("a commit of 40 hexadecimal digits", Commit().IsMatch),
        ["workflow_ref"] = (WorkflowForm, value => IsWorkflow(value, text => IsRef(text) && !text.EndsWith('*'))),
        ["workflow_sha"] = ("a commit of 40 hexadecimal digits", Commit().IsMatch),
        ["environment"] = ("the name of an environment", IsText),
        ["event_name"] = ("the name of an event such as workflow_dispatch", Event().IsMatch),
        ["repository_visibility"] = ("public, private or internal", value => value is "public" or "private" or "internal"),
        ["runner_environment"] = ("github-hosted or self-hosted", value => value is "github-hosted" or "self-hosted"),
        [Certificate] = (ClientName.Rule, ClientName.IsValid),
    };

    private static readonly Dictionary<string, string> Refused = new()
    {
        ["sub"] = "its form differs between repositories and can be customised. Name the claims that it is made of",
        ["repository"] = "somebody else can have a name tomorrow. Name repository_id",
        ["repository_owner"] = "somebody else can have a name tomorrow. Name repository_owner_id",
        ["actor"] = "somebody else can have a name tomorrow. Name actor_id",
        ["enterprise"] = "somebody else can have a name tomorrow. Name enterprise_id",
        ["workflow"] = "any workflow can give itself this name. Name job_workflow_ref",
    };

    /// <summary>At least one of these is in each rule: they outlive names.</summary>
    public static IReadOnlyList<string> Ids { get; } = ["repository_id", "repository_owner_id"];

    /// <summary>
    /// What a rule allows that says nothing of these claims. The events are those that only somebody with write access brings about, or that come
    /// from forks without a token; all others, known or yet to come, are for rules that name them.
    /// </summary>
    public static IReadOnlyList<ClaimCondition> Unwritten { get; } =
    [
        new("event_name", ["push", "pull_request", "merge_group", "schedule", "workflow_dispatch", "repository_dispatch", "release", "create", "delete", "deployment"], IsWritten: false),
        new("repository_visibility", ["private", "internal"], IsWritten: false),
    ];

    public static bool MayHaveStar(string claim) => claim is "ref" or "job_workflow_ref";

    /// <summary>Why a rule cannot name a claim, and what to do; null if it can.</summary>
    public static string? FindProblem(string claim) =>
        Known.ContainsKey(claim) ? null
        : Refused.TryGetValue(claim, out var reason) ? $"a rule cannot name this claim: {reason}."
        : $"there is no such claim; a rule can name {string.Join(", ", Known.Keys)}.";

    /// <summary>What a claim looks like that can never have this value; null if it can.</summary>
    public static string? FindProblem(string claim, string value) => Known[claim] is var (form, fits) && !fits(value) ? form : null;

    private static bool IsText(string value) => value is { Length: > 0 and <= 255 } && !value.Any(char.IsControl) && !value.Contains('*', StringComparison.Ordinal);

    // No * within a name of a branch: refs/heads/main* would let in refs/heads/main-by-anybody. GitHub's refs cannot have a * themselves.
    private static bool IsRef(string value) => Ref().IsMatch(value) && !value.Any(char.IsControl);

    private static bool IsWorkflow(string value, Func<string, bool> isRef) =>
        value.Split('@', 2) is [var file, var at] && WorkflowFile().IsMatch(file) && (isRef(at) || Commit().IsMatch(at));

    [GeneratedRegex(@"^[1-9][0-9]{0,18}\z")]
    private static partial Regex Number();

    [GeneratedRegex(@"^[0-9a-f]{40}\z")]
    private static partial Regex Commit();

    [GeneratedRegex(@"^[a-z][a-z_]{0,62}\z")]
    private static partial Regex Event();

    [GeneratedRegex(@"^refs/(heads|tags|pull)/([^*\s]+|([^*\s]+/)?\*)\z|^refs/tags/[^*\s]*\*\z")]
    private static partial Regex Ref();

    [GeneratedRegex(@"^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+/\.github/workflows/[^*@\s]+\z")]
    private static partial Regex WorkflowFile();
}
