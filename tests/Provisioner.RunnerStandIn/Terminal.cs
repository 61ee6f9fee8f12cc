namespace Provisioner.RunnerStandIn;

/// <summary>Prints the official listener's lines: guest scripts read them to know how far the runner is.</summary>
internal sealed class Terminal(TextWriter output, TimeProvider time)
{
    public static string Version { get; } = typeof(Terminal).Assembly.GetName().Version!.ToString(3);

    public void Connected() => output.WriteLine("\n√ Connected to GitHub\n");

    public void Listening()
    {
        output.WriteLine($"Current runner version: '{Version}'");
        Stamped("Listening for Jobs");
    }

    public void Running(string job) => Stamped($"Running job: {job}");

    public void Completed(string job, string result) => Stamped($"Job {job} completed with result: {result}");

    public void Stamped(string text) => output.WriteLine($"{time.GetUtcNow().UtcDateTime:u}: {text}");

    public void Error(string text) => output.WriteLine($"An error occurred: {text}");
}
