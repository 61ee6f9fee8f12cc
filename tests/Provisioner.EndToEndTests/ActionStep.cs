namespace Provisioner.EndToEndTests;

/// <summary>One step of the Action: the native client with the environment that GitHub's runner gives it.</summary>
internal sealed class ActionStep : IAsyncDisposable
{
    private readonly string _folder;

    private ActionStep(NativeProcess process, string folder) => (Process, _folder) = (process, folder);

    public NativeProcess Process { get; }

    /// <summary>A step of a workflow that keeps an API token in a secret, at the stage's server.</summary>
    public static ActionStep Start(Stage stage, IReadOnlyDictionary<string, string> inputs) => Start(
        new Dictionary<string, string>
        {
            ["server"] = stage.ServerUrl, ["ca-cert"] = File.ReadAllText(stage.AuthorityFile), ["api-token"] = stage.ApiToken, ["image"] = "debian",
        },
        inputs);

    /// <summary>A step with these inputs, the later before the earlier, and in an environment that has more than usual.</summary>
    public static ActionStep Start(
        IReadOnlyDictionary<string, string> inputs, IReadOnlyDictionary<string, string> moreInputs, IReadOnlyDictionary<string, string>? variables = null)
    {
        var folder = Directory.CreateTempSubdirectory("action").FullName;
        var environment = new Dictionary<string, string>
        {
            ["GITHUB_ACTIONS"] = "true",
            ["GITHUB_REPOSITORY"] = Stage.RepositoryName,
            ["GITHUB_REPOSITORY_ID"] = "42",
            ["GITHUB_RUN_ID"] = "1001",
            ["GITHUB_RUN_ATTEMPT"] = "1",
            ["GITHUB_JOB"] = "provision",
            ["GITHUB_OUTPUT"] = Path.Combine(folder, "output"),
            ["GITHUB_STATE"] = Path.Combine(folder, "state"),
            ["GITHUB_STEP_SUMMARY"] = Path.Combine(folder, "summary"),
        };
        foreach (var (name, value) in inputs.Concat(moreInputs))
        {
            environment[$"INPUT_{name.ToUpperInvariant()}"] = value;
        }

        foreach (var (name, value) in variables ?? new Dictionary<string, string>())
        {
            environment[name] = value;
        }

        return new ActionStep(NativeProcess.Start(Repository.Program("virtualbox-client"), [], environment), folder);
    }

    /// <summary>A value that the step wrote to GITHUB_OUTPUT, in either of its two forms.</summary>
    public string? Output(string name)
    {
        var file = Path.Combine(_folder, "output");
        var lines = File.Exists(file) ? File.ReadAllLines(file) : [];
        for (var line = 0; line < lines.Length; line++)
        {
            if (lines[line].StartsWith($"{name}<<", StringComparison.Ordinal))
            {
                return lines[line + 1];
            }

            if (lines[line].StartsWith($"{name}=", StringComparison.Ordinal))
            {
                return lines[line][(name.Length + 1)..];
            }
        }

        return null;
    }

    public string Summary => File.ReadAllText(Path.Combine(_folder, "summary"));

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
