namespace Provisioner.GitHubSimulator.State;

internal enum RemovalResult
{
    Removed,
    NotFound,
    Busy,
}
