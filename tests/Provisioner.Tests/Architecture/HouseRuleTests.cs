using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Provisioner.Tests.Architecture;

/// <summary>How the code is to look, as far as a program can tell. The reasons are in CONTRIBUTING.md.</summary>
public sealed partial class HouseRuleTests
{
    private const int MostLinesOfFile = 300;
    private const int MostLinesOfMethod = 40;
    private const int MedianLinesOfFile = 50;
    private const int MostInterfaces = 3;

    private static readonly IReadOnlyList<SourceFile> Source = SourceTree.Files("src");
    private static readonly IReadOnlyList<SourceFile> All = SourceTree.Files("src", "tests");

    [Fact]
    public void No_file_is_too_long_to_be_read_at_once() =>
        AssertNone(All.Where(file => file.Lines.Length > MostLinesOfFile).Select(file => $"{file.Path}: {file.Lines.Length} lines"));

    [Fact]
    public void Most_files_are_short()
    {
        var lengths = Source.Select(file => file.Lines.Length).Order().ToList();

        Assert.InRange(lengths[lengths.Count / 2], 1, MedianLinesOfFile);
    }

    [Fact]
    public void No_method_is_too_long() =>
        AssertNone(Source.SelectMany(file => file.Bodies).Where(body => body.Length > MostLinesOfMethod).Select(body => $"{body.Where}: {body.Length} lines"));

    [Fact]
    public void No_type_has_a_name_that_says_nothing() =>
        AssertNone(All.SelectMany(file => file.TypeNames.Where(name => EmptyName().IsMatch(name)).Select(name => $"{file.Path}: {name}")));

    [Fact]
    public void An_interface_stands_only_where_several_real_implementations_ship() =>
        Assert.InRange(Source.SelectMany(file => file.Interfaces).Count(), 1, MostInterfaces);

    [Fact]
    public void A_files_namespace_is_its_folder()
    {
        var strays = All.Where(file => file.Namespace is { } name && name != FolderNamespace(file.Path));

        AssertNone(strays.Select(file => $"{file.Path}: {file.Namespace}"));
    }

    [Fact]
    public void No_region_hides_code() =>
        AssertNone(All.Where(file => file.Lines.Any(line => line.TrimStart().StartsWith("#region", StringComparison.Ordinal))).Select(file => file.Path));

    [Fact]
    public void Each_package_is_there_for_a_written_reason()
    {
        var packages = XDocument.Parse(SourceTree.Read("Directory.Packages.props")).Descendants("PackageVersion").Select(package => package.Attribute("Include")!.Value);
        var reasons = SourceTree.Read("docs/adr/0002-dependencies.md");

        Assert.All(packages, package => Assert.Contains($"| {package} |", reasons, StringComparison.Ordinal));
    }

    /// <summary>Fails with the whole list: Assert.Empty shows only its beginning.</summary>
    internal static void AssertNone(IEnumerable<string> offences) => Assert.True(!offences.Any(), string.Join('\n', offences.Prepend("These should not be:")));

    private static string FolderNamespace(string path) => Path.GetDirectoryName(path)!.Replace('\\', '/').Split('/', 2)[1].Replace('/', '.');

    // "Run service" is GitHub's own word for the part of it that hands out jobs.
    [GeneratedRegex("(Manager|Helpers?|Utils?|Utility|(?<!^Run)Service|Processor|Common|Base)$")]
    private static partial Regex EmptyName();
}
