namespace Provisioner.GitHubSimulator.Rest;

internal sealed record JitConfigRequest(string? Name, long? RunnerGroupId, IReadOnlyList<string>? Labels, string? WorkFolder)
{
    private const int LongestName = 64;
    private const int MostLabels = 100;

    /// <summary>Status and words of the refusal; null if there is nothing to refuse.</summary>
    public (int Status, string Message)? Refusal() => this switch
    {
        { Name: null } => Missing("name"),
        { RunnerGroupId: null } => Missing("runner_group_id"),
        { Labels: null } => Missing("labels"),
        { Name.Length: 0 or > LongestName } => (422, "Invalid request.\n\nInvalid input: name must be 1 to 64 characters."),
        { Labels.Count: 0 or > MostLabels } => (422, "Invalid request.\n\nInvalid input: labels must have 1 to 100 items."),
        _ when Labels.Any(string.IsNullOrWhiteSpace) => (422, "Invalid request.\n\nInvalid input: a label must not be empty."),
        { RunnerGroupId: 2 } => (403, "Runner group is managed by GitHub."),
        { RunnerGroupId: not 1 } => (404, "Not Found"),
        _ => null,
    };

    private static (int, string) Missing(string key) => (422, $"Invalid request.\n\nInvalid input: object is missing required key: {key}");
}
