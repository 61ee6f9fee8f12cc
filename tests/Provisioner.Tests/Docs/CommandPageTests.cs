using System.CommandLine;
using System.Text.RegularExpressions;
using Provisioner.Server.Commands;
using Provisioner.Tests.Architecture;
using Provisioner.Tests.Programs;

namespace Provisioner.Tests.Docs;

/// <summary>cli-server.md knows what the command line of the server knows.</summary>
public sealed partial class CommandPageTests
{
    [Fact]
    public void Each_verb_and_option_of_the_server_is_on_its_page()
    {
        var page = Page.Read("docs/reference/cli-server.md").Text;

        HouseRuleTests.AssertNone(Names(ServerCommand.Create()).Where(name => !page.Contains(name, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(CommandTree.Client, "docs/reference/cli-client.md")]
    [InlineData(CommandTree.Server, "docs/reference/cli-server.md")]
    public void The_calls_at_the_top_of_a_page_are_those_that_the_program_takes(string program, string path)
    {
        var calls = Page.Read(path).Blocks("text").First().Replace("\n ", " ", StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var verbs = CommandTree.Verbs(program).Where(verb => verb.Words.Length > 0 && verb.Command.Subcommands.Count == 0).ToList();
        var said = calls.Select(call => call.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(words => words[0] == program && words.Length > 1).ToList();

        HouseRuleTests.AssertNone(
            from verb in verbs
            let call = said.FirstOrDefault(words => words.Skip(1).Take(verb.Words.Length).SequenceEqual(verb.Words))
            from lacking in call is null ? ["the verb"] : verb.Command.Options.Where(option => !Universal(option) && !IsIn(call, option)).Select(option => option.Name)
            select $"{path}: {program} {string.Join(' ', verb.Words)} lacks {lacking}");
        HouseRuleTests.AssertNone(
            from call in said
            let verb = verbs.Where(verb => call.Skip(1).Take(verb.Words.Length).SequenceEqual(verb.Words)).Select(verb => verb.Command).FirstOrDefault()
            from option in call.SelectMany(word => OptionName().Matches(word)).Select(match => match.Value)
            where verb is not null && !verb.Options.Concat(Recursive(program)).Any(known => known.Name == option || known.Aliases.Contains(option))
            select $"{path}: {string.Join(' ', call)} names {option}, which there is not");
    }

    private static IEnumerable<Option> Recursive(string program) => CommandTree.Of(program).Options.Where(option => option.Recursive);

    private static bool Universal(Option option) => option.Name is "--help" or "--version" || option.Recursive;

    private static bool IsIn(string[] call, Option option) => call.SelectMany(word => OptionName().Matches(word)).Any(match => match.Value == option.Name || option.Aliases.Contains(match.Value));

    [GeneratedRegex("(?<![A-Za-z0-9-])--?[a-z][a-z-]*")]
    private static partial Regex OptionName();

    private static IEnumerable<string> Names(Command command) => command.Options
        .Where(option => option.Name is not ("--help" or "--version"))
        .Select(option => option.Name)
        .Concat(command.Subcommands.SelectMany(verb => Names(verb).Prepend(verb.Name)));
}
