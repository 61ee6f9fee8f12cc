using System.Reflection;
using System.Text.RegularExpressions;
using Provisioner.Tests.Docs;

namespace Provisioner.Tests.Programs;

/// <summary>The pages and the help list the exit codes that the code has, and no others; the client's are held by <see cref="GoldenTests"/>.</summary>
public sealed partial class ExitCodePageTests
{
    public static TheoryData<string, string> Pages => new()
    {
        { CommandTree.Server, "docs/reference/cli-server.md" },
        { CommandTree.Certificates, "docs/how-to/certificates.md" },
    };

    [Theory]
    [MemberData(nameof(Pages))]
    public void The_table_of_a_page_is_that_of_the_code(string program, string page)
    {
        var table = Page.Read(page).Text.Split("\n## Exit codes\n")[1].Split("\n## ")[0];

        Assert.Equal(CodesOf(program), Row().Matches(table).Select(row => int.Parse(row.Groups[1].Value, null)));
        Assert.Equal([0, 1, 2], CodesOf(program)); // scripts know them: none may change its meaning
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task What_is_said_of_single_verbs_names_no_other_code(string program, string page)
    {
        var sentences = Sentence().Matches(Page.Read(page).Text).ToList();
        foreach (var (words, _) in CommandTree.Verbs(program))
        {
            sentences.AddRange(Sentence().Matches(await CommandTree.WriteAsync(program, [.. words, "--help"])));
        }

        Assert.NotEmpty(sentences);
        Assert.All(sentences, sentence => Assert.Empty(Number().Matches(sentence.Value).Select(number => int.Parse(number.Value, null)).Except(CodesOf(program))));
        var all = Sentence().Match(await CommandTree.WriteAsync(program, "--help")).Value;
        Assert.Equal(CodesOf(program), Number().Matches(all).Select(number => int.Parse(number.Value, null)));
    }

    private static IEnumerable<int> CodesOf(string program) =>
        (program == CommandTree.Server ? typeof(Provisioner.Server.Commands.ExitCodes) : typeof(Provisioner.Certificates.ExitCodes))
            .GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (int)field.GetRawConstantValue()!).Order();

    [GeneratedRegex(@"^\| ([0-9]+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"Exit codes(?: of `[a-z ]+`)?: [^.]*\.?")]
    private static partial Regex Sentence();

    [GeneratedRegex(@"(?<= )[0-9]+(?= )")]
    private static partial Regex Number();
}
