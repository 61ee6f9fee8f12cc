using System.Text.RegularExpressions;
using Provisioner.Tests.Architecture;

namespace Provisioner.Tests.Docs;

/// <summary>The workflows that users copy from a page are those that the Action understands.</summary>
public sealed partial class WorkflowTests
{
    private static readonly string Action = SourceTree.Read("action.yml");

    [Theory]
    [InlineData("README.md")]
    [InlineData("INSTALL.md")]
    public void A_workflow_on_a_page_uses_inputs_and_outputs_that_there_are(string path)
    {
        var workflows = string.Concat(Page.Read(path).Blocks("yaml"));
        var inputs = Steps().Matches(workflows).SelectMany(step => step.Groups["input"].Captures).Select(input => input.Value).ToList();
        var outputs = Outputs().Matches(workflows).Select(output => output.Groups[1].Value).ToList();

        Assert.NotEmpty(inputs);
        Assert.NotEmpty(outputs);
        Assert.Empty(inputs.Except(Keys("inputs")));
        Assert.Empty(outputs.Except(Keys("outputs")));
    }

    [Fact]
    public void The_workflow_of_the_readme_is_the_sample_without_its_comments()
    {
        var workflow = Page.Read("README.md").Blocks("yaml").Single();

        Assert.Equal(Bare(SourceTree.Read("samples/create-job-delete.yml")), Bare(workflow));
    }

    private static string Bare(string workflow) =>
        string.Join('\n', workflow.Split('\n').Where(line => line.Trim() is { Length: > 0 } text && text[0] != '#'));

    private static IEnumerable<string> Keys(string section) =>
        Section().Matches(Action).Single(match => match.Groups["name"].Value == section).Groups["key"].Captures.Select(key => key.Value);

    [GeneratedRegex(@"uses: \S+/virtualbox-provisioner@\S+\n +with:\n(?: {10}(?<input>[a-z-]+): .*\n)+")]
    private static partial Regex Steps();

    [GeneratedRegex(@"outputs\.([\w-]+)")]
    private static partial Regex Outputs();

    [GeneratedRegex(@"^(?<name>\w+):\n(?:  (?<key>[a-z-]+):\n(?: {4}.*\n)+)+", RegexOptions.Multiline)]
    private static partial Regex Section();
}
