using System.Text.RegularExpressions;
using Provisioner.Client;
using Provisioner.Tests.Docs;

namespace Provisioner.Tests.Programs;

/// <summary>What people and their scripts rely on does not change unseen: help, completion scripts, exit codes. Shapes of JSON: <see cref="GoldenShapeTests"/>.</summary>
public sealed partial class GoldenTests
{
    [Theory]
    [InlineData(CommandTree.Client, 17)]
    [InlineData(CommandTree.Server, 24)]
    [InlineData(CommandTree.Certificates, 5)]
    public async Task The_help_of_each_verb_is_as_it_was(string program, int atLeast)
    {
        var texts = new Dictionary<string, string>();
        foreach (var (words, _) in CommandTree.Verbs(program))
        {
            texts[string.Join('-', words.DefaultIfEmpty("program"))] = await CommandTree.WriteAsync(program, [.. words, "--help"]);
        }

        Assert.True(texts.Count >= atLeast, $"{program} has {texts.Count} verbs.");
        Assert.All(texts, text => Assert.Contains("Usage:", text.Value, StringComparison.Ordinal));
        GoldenFile.AssertAre(program, ".help.txt", texts);
    }

    [Theory]
    [InlineData(CommandTree.Client)]
    [InlineData(CommandTree.Server)]
    [InlineData(CommandTree.Certificates)]
    public async Task The_completion_script_of_each_shell_is_as_it_was(string program)
    {
        var texts = new Dictionary<string, string>();
        foreach (var shell in new[] { "bash", "zsh", "fish", "pwsh" })
        {
            texts[shell] = await CommandTree.WriteAsync(program, "completion", shell);
        }

        GoldenFile.AssertAre(program, ".completion", texts);
    }

    [Theory]
    [InlineData(CommandTree.Client)]
    [InlineData(CommandTree.Server)]
    [InlineData(CommandTree.Certificates)]
    public async Task Shells_are_offered_each_verb_and_option_of_each_program(string program)
    {
        foreach (var (words, command) in CommandTree.Verbs(program))
        {
            var line = string.Concat(words.Select(word => $"{word} "));
            var (verbs, options) = (await SuggestAsync(program, line), await SuggestAsync(program, $"{line}--"));

            Assert.Empty(command.Subcommands.Where(verb => !verb.Hidden).Select(verb => verb.Name).Except(verbs));
            Assert.Empty(command.Options.Where(option => !option.Hidden).Select(option => option.Name).Except(options));
        }
    }

    [Fact]
    public async Task The_exit_codes_of_the_client_are_those_of_its_page_and_its_help()
    {
        var codes = Enum.GetValues<ExitCode>().Select(code => (int)code).ToList();
        var page = Page.Read("docs/reference/cli-client.md").Text.Split("\n## Exit codes\n")[1];

        Assert.Equal(codes, Row().Matches(page).Select(row => int.Parse(row.Groups[1].Value, null)));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 130], codes); // scripts know them: none may change its meaning
        var help = await CommandTree.WriteAsync(CommandTree.Client, "--help");
        Assert.Equal(codes, Code().Matches(help.Split("Exit codes:")[1].Split("Usage:")[0]).Select(code => int.Parse(code.Value, null)));
    }

    private static async Task<string[]> SuggestAsync(string program, string line) =>
        (await CommandTree.WriteAsync(program, $"[suggest:{line.Length}]", line)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"^\| ([0-9]+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"(?<=  |\n)[0-9]+(?= )")]
    private static partial Regex Code();
}
