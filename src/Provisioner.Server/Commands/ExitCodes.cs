namespace Provisioner.Server.Commands;

/// <summary>What the program tells its caller; documented in <c>--help</c> and docs/reference/cli-server.md, so none changes its meaning.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Failed = 1;

    /// <summary>Wrong settings or words: nothing was done.</summary>
    public const int Refused = 2;
}
