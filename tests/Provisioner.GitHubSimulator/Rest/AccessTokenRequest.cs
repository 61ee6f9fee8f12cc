namespace Provisioner.GitHubSimulator.Rest;

internal sealed record AccessTokenRequest(IReadOnlyList<string>? Repositories, IReadOnlyDictionary<string, string>? Permissions);
