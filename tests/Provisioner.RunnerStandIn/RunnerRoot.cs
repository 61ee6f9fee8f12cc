namespace Provisioner.RunnerStandIn;

/// <summary>Where the runner lives, and how it is given its configuration.</summary>
internal static class RunnerRoot
{
    /// <summary>Overrides the folder; for tests, which run the program where it was built.</summary>
    public const string Variable = "RUNNER_STAND_IN_ROOT";

    private const string JitConfigVariable = "ACTIONS_RUNNER_INPUT_JITCONFIG";

    public static string Find() =>
        Environment.GetEnvironmentVariable(Variable) ?? Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, ".."));

    /// <summary>Takes the secret out of the environment, so that no job inherits it.</summary>
    public static string? TakeJitConfig(string[] args)
    {
        var given = Environment.GetEnvironmentVariable(JitConfigVariable);
        Environment.SetEnvironmentVariable(JitConfigVariable, null);
        var index = Array.IndexOf(args, "--jitconfig");
        return index >= 0 && index + 1 < args.Length ? args[index + 1] : given;
    }
}
