using System.CommandLine;
using System.CommandLine.Help;
using Provisioner.Certificates;
using Provisioner.Client.Commands;
using Provisioner.Server.Commands;

namespace Provisioner.Tests.Programs;

/// <summary>The command lines of the three programs, with every verb that they have.</summary>
internal static class CommandTree
{
    public const string Client = "virtualbox-client";
    public const string Server = "virtualbox-server";
    public const string Certificates = "cert-generator";

    // As wide as a terminal mostly is; else it would be that of whoever runs the tests.
    private const int Width = 120;

    public static RootCommand Of(string program) => program switch
    {
        Client => new CommandLine(new CommandContext(new Dictionary<string, string>(), TextReader.Null, TextWriter.Null, TextWriter.Null, TimeProvider.System)).Build(),
        Server => ServerCommand.Create(),
        _ => CertGenerator.Build(TimeProvider.System),
    };

    /// <summary>All verbs by their words, and the program itself by none.</summary>
    public static IEnumerable<(string[] Words, Command Command)> Verbs(string program) => Below([], Of(program));

    /// <summary>Writes what the program would for these arguments.</summary>
    public static async Task<string> WriteAsync(string program, params string[] arguments)
    {
        var root = Of(program);
        ((HelpAction)root.Options.OfType<HelpOption>().Single().Action!).MaxWidth = Width;
        using var output = new StringWriter();
        await root.Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = output, Error = output }, TestContext.Current.CancellationToken);
        var lines = output.ToString().ReplaceLineEndings("\n").Replace(RootCommand.ExecutableName, program, StringComparison.Ordinal).Split('\n');
        return string.Join('\n', lines.Select(line => line.TrimEnd())).TrimEnd('\n') + "\n";
    }

    private static IEnumerable<(string[] Words, Command Command)> Below(string[] words, Command command) =>
        command.Subcommands.Where(verb => !verb.Hidden).SelectMany(verb => Below([.. words, verb.Name], verb)).Prepend((words, command));
}
