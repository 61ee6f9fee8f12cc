using System.Text.Json.Serialization;

namespace Provisioner.GitHub;

/// <summary>What travels between us and GitHub's REST API; only the fields that we read or write.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WireRunner))]
[JsonSerializable(typeof(WireRunnerPage))]
[JsonSerializable(typeof(WireJitRequest))]
[JsonSerializable(typeof(WireJitReply))]
[JsonSerializable(typeof(WireInstallation))]
[JsonSerializable(typeof(WireTokenRequest))]
[JsonSerializable(typeof(WireInstallationToken))]
[JsonSerializable(typeof(WireRun))]
[JsonSerializable(typeof(WireJobPage))]
[JsonSerializable(typeof(WireError))]
internal sealed partial class GitHubJson : JsonSerializerContext;

internal sealed record WireLabel(string Name);

internal sealed record WireRunner(long Id, string Name, string? Status, bool Busy, bool? Ephemeral, IReadOnlyList<WireLabel>? Labels)
{
    public Runner ToRunner() => new(Id, Name, Status == "online", Busy, Ephemeral, [.. (Labels ?? []).Select(label => label.Name)]);
}

internal sealed record WireRunnerPage(int TotalCount, IReadOnlyList<WireRunner> Runners);

internal sealed record WireJitRequest(string Name, int RunnerGroupId, IReadOnlyList<string> Labels, string WorkFolder);

internal sealed record WireJitReply(WireRunner Runner, string EncodedJitConfig)
{
    public override string ToString() => $"{Runner.Name} ***";
}

internal sealed record WireInstallation(long Id);

internal sealed record WireRun(string? Status, string? Conclusion);

internal sealed record WireJob(long? RunnerId, string? Status = null)
{
    /// <summary>It runs, and GitHub does not say where.</summary>
    public bool IsUnclear => Status == "in_progress" && RunnerId is null or 0;
}

internal sealed record WireJobPage(int TotalCount, IReadOnlyList<WireJob> Jobs);

internal sealed record WirePermissions(string? Administration = null, string? Actions = null);

internal sealed record WireTokenRequest(IReadOnlyList<string> Repositories, WirePermissions Permissions);

internal sealed record WireInstallationToken(string Token, DateTimeOffset ExpiresAt)
{
    public override string ToString() => $"*** until {ExpiresAt:u}";
}

internal sealed record WireError(string? Message);
