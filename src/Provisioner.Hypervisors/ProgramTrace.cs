using System.Diagnostics;

namespace Provisioner.Hypervisors;

/// <summary>Spans of the programs by which machines are made and removed, for who listens to <see cref="Name"/>. They tell a program and its verb, never a value.</summary>
internal static class ProgramTrace
{
    private const string Name = "Provisioner.Hypervisors";

    private static readonly ActivitySource Source = new(Name);

    public static Activity? Begin(string program, string verb) =>
        Source.StartActivity($"{Path.GetFileName(program)} {verb}".TrimEnd(), ActivityKind.Client);

    public static void Ended(this Activity? span, int exitCode)
    {
        span?.SetTag("process.exit.code", exitCode);
        if (exitCode != 0)
        {
            span?.SetStatus(ActivityStatusCode.Error);
        }
    }
}
