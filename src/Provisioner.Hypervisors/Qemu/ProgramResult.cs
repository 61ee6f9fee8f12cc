namespace Provisioner.Hypervisors.Qemu;

internal sealed record ProgramResult(int ExitCode, string Output, string Error)
{
    /// <summary>What a person needs to see of it: the first line that says something.</summary>
    public string FirstError => FirstLine(Error) ?? FirstLine(Output) ?? $"exit code {ExitCode}";

    public static string? FirstLine(string text) =>
        text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
}
