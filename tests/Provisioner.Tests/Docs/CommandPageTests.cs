using System.CommandLine;
using Provisioner.Server.Commands;
using Provisioner.Tests.Architecture;

namespace Provisioner.Tests.Docs;

/// <summary>cli-server.md knows what the command line of the server knows.</summary>
public sealed class CommandPageTests
{
    [Fact]
    public void Each_verb_and_option_of_the_server_is_on_its_page()
    {
        var page = Page.Read("docs/reference/cli-server.md").Text;

        HouseRuleTests.AssertNone(Names(ServerCommand.Create()).Where(name => !page.Contains(name, StringComparison.Ordinal)));
    }

    private static IEnumerable<string> Names(Command command) => command.Options
        .Where(option => option.Name is not ("--help" or "--version"))
        .Select(option => option.Name)
        .Concat(command.Subcommands.SelectMany(verb => Names(verb).Prepend(verb.Name)));
}
