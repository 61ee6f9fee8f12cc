namespace Provisioner.RunnerStandIn;

/// <summary>The official listener's exit codes, as far as they occur here.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int Terminated = 1;
    public const int SessionConflict = 5;
    public const int SigTerm = 143;
}
