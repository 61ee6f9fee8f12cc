namespace Provisioner.Client;

/// <summary>What the program tells its caller; documented in <c>--help</c> and docs/reference/cli-client.md, so none changes its meaning.</summary>
internal enum ExitCode
{
    Ok = 0,
    Failure = 1,
    Usage = 2,
    NotFound = 3,
    Denied = 4,
    Timeout = 5,
    Capacity = 6,
    Unreachable = 7,
    Host = 8,
    Interrupted = 130,
}
