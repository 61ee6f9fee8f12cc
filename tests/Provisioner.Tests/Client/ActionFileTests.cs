using System.Text.RegularExpressions;
using Provisioner.Client.Workflow;
using Provisioner.Tests.Client.Fakes;

namespace Provisioner.Tests.Client;

/// <summary>action.yml, the program and the samples speak of the same inputs and outputs.</summary>
public sealed partial class ActionFileTests
{
    private static readonly string Root = FindRoot();

    private static string Action => File.ReadAllText(Path.Combine(Root, "action.yml"));

    [Fact(Timeout = 10_000)]
    public async Task Every_declared_input_is_read_by_the_program_and_the_other_way_round()
    {
        var environment = new AskedVariables();
        await using var log = new StringWriter();
        await new WorkflowStep(environment, log, TimeProvider.System).RunAsync(post: false, TestContext.Current.CancellationToken);

        var read = environment.Asked.Where(name => name.StartsWith("INPUT_", StringComparison.Ordinal))
            .Select(name => name["INPUT_".Length..].Replace('_', '-').ToLowerInvariant());
        Assert.Equal(Keys("inputs").Order(), read.Distinct().Order());
    }

    [Fact]
    public void The_inputs_of_the_original_are_all_there() =>
        Assert.Empty("action cert host id image port prefix repo token".Split(' ').Except(Keys("inputs")));

    [Fact]
    public void The_outputs_are_those_that_the_program_writes() => Assert.Equal(["label", "runner-name", "vm-id"], Keys("outputs").Order());

    [Theory]
    [InlineData("create-job-delete.yml")]
    [InlineData("no-secrets.yml")]
    [InlineData("matrix.yml")]
    [InlineData("on-vbox.yml")]
    public void Samples_give_the_action_inputs_that_it_has(string sample)
    {
        var text = File.ReadAllText(Path.Combine(Root, "samples", sample));
        var given = Steps().Matches(text).SelectMany(step => InputLines().Matches(step.Groups[1].Value)).Select(line => line.Groups[1].Value).Distinct().ToList();

        Assert.NotEmpty(given);
        Assert.Empty(given.Except(Keys("inputs")));
    }

    [Fact]
    public void The_post_stage_is_the_name_that_the_image_holds()
    {
        Assert.Contains("post-entrypoint: /virtualbox-client-post\n", Action, StringComparison.Ordinal);
        Assert.Contains("/image/virtualbox-client-post\n", File.ReadAllText(Path.Combine(Root, "Dockerfile")), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Keys(string section) =>
        Section().Matches(Action).Single(match => match.Groups[1].Value == section).Groups[2].Captures.Select(key => key.Value);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Provisioner.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run within the repository.");
        }

        return folder.FullName;
    }

    [GeneratedRegex(@"^(\w+):\n(?:  ([a-z-]+):\n(?:    .*\n)+)+", RegexOptions.Multiline)]
    private static partial Regex Section();

    [GeneratedRegex(@"uses: your-org/virtualbox-provisioner@v2\n +with:\n((?:          .*\n?)+)")]
    private static partial Regex Steps();

    [GeneratedRegex(@"^          ([a-z-]+):", RegexOptions.Multiline)]
    private static partial Regex InputLines();
}
