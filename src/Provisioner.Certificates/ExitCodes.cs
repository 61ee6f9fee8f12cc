namespace Provisioner.Certificates;

/// <summary>What the program tells its caller; documented in <c>--help</c> and docs/how-to/certificates.md, so none changes its meaning.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>Also: an inspected certificate is not valid.</summary>
    public const int Failed = 1;

    public const int WrongCall = 2;
}
