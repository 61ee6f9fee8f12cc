using Provisioner.Client;
using Provisioner.Client.Workflow;

namespace Provisioner.Tests.Client.Fakes;

/// <summary>A step as the runner starts it: variables, files and a log.</summary>
internal sealed class StepRun : IDisposable
{
    public const string Token = "vbdp_canary_0123456789";

    private readonly SignallingWriter _log = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("step-");

    public StepRun(ScriptedServer server, string authority, params (string Name, string Value)[] inputs)
        : this([("server", server.Address.ToString()), ("ca-cert", authority), ("api-token", Token), ("id", Answers.Id), ("mode", "create"), ("image", "debian-12"), .. inputs])
    {
    }

    public StepRun(params (string Name, string Value)[] inputs)
    {
        Environment = new Dictionary<string, string>
        {
            ["GITHUB_ACTIONS"] = "true",
            ["GITHUB_REPOSITORY"] = "acme/widgets",
            ["GITHUB_RUN_ID"] = "7001",
            ["GITHUB_RUN_ATTEMPT"] = "2",
            ["GITHUB_OUTPUT"] = PathOf("output"),
            ["GITHUB_STATE"] = PathOf("state"),
            ["GITHUB_STEP_SUMMARY"] = PathOf("summary"),
        };
        foreach (var (name, value) in inputs)
        {
            Environment[$"INPUT_{name.ToUpperInvariant()}"] = value;
        }
    }

    public Dictionary<string, string> Environment { get; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public CancellationToken Interrupted { get; init; }

    public string Log => _log.ToString();

    public string Outputs => Read("output");

    public string State => Read("state");

    public string Summary => Read("summary");

    public Task<ExitCode> RunAsync() => RunAsync(post: false);

    public Task<ExitCode> RunPostAsync() => RunAsync(post: true);

    public Task ShownAsync(string text) => _log.ShownAsync(text);

    /// <summary>Value of an entry in one of the files, read as the runner reads it.</summary>
    public static string? Value(string file, string name)
    {
        string? found = null;
        using var lines = new StringReader(file);
        while (lines.ReadLine() is { } line)
        {
            var (key, end) = (line.Split("<<")[0], line.Split("<<")[1]);
            var value = new List<string>();
            for (var next = lines.ReadLine(); next != end; next = lines.ReadLine())
            {
                value.Add(next ?? throw new FormatException($"no delimiter for {key}"));
            }

            found = key == name ? string.Join('\n', value) : found;
        }

        return found;
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task<ExitCode> RunAsync(bool post)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(Interrupted, TestContext.Current.CancellationToken);
        return await new WorkflowStep(Environment, _log, Time).RunAsync(post, either.Token);
    }

    private string PathOf(string file) => Path.Combine(_folder.FullName, file);

    private string Read(string file) => File.Exists(PathOf(file)) ? File.ReadAllText(PathOf(file)) : "";
}
