namespace Provisioner.GitHubSimulator.Control;

internal sealed record JobRequest(string? Repository, IReadOnlyList<string>? Labels, string? Script, string? Name, long? RunId = null)
{
    /// <summary>What is wrong with it; null if nothing.</summary>
    public string? Refusal() => this switch
    {
        { Repository: null } => "Give 'repository' as OWNER/NAME.",
        _ when Repository.Split('/') is not [{ Length: > 0 }, { Length: > 0 }] => "Give 'repository' as OWNER/NAME.",
        { Labels: null or { Count: 0 } } => "Give 'labels', as in runs-on.",
        { Script: null } => "Give 'script', the shell lines to run.",
        _ => null,
    };
}
