using System.Text.RegularExpressions;
using Provisioner.Tests.Architecture;

namespace Provisioner.Tests.Docs;

/// <summary>A page of the documentation, as far as the tests need to read it.</summary>
internal sealed partial record Page(string Path, string Text)
{
    public static Page Read(string path) => new(path, SourceTree.Read(path));

    /// <summary>All pages of the repository, by their path from its root.</summary>
    public static IEnumerable<Page> All()
    {
        var top = Directory.EnumerateFiles(SourceTree.Root, "*.md");
        var below = "docs images samples".Split(' ').SelectMany(folder =>
            Directory.EnumerateFiles(System.IO.Path.Combine(SourceTree.Root, folder), "*.md", SearchOption.AllDirectories));
        return top.Concat(below).Select(file => Read(System.IO.Path.GetRelativePath(SourceTree.Root, file)));
    }

    /// <summary>The targets of all links that do not leave the repository: path (empty: this page) and anchor.</summary>
    public IEnumerable<(string Path, string Anchor)> Links =>
        Link().Matches(WithoutBlocks).Select(link => (link.Groups["path"].Value, link.Groups["anchor"].Value));

    /// <summary>What a link to a heading of this page says behind its <c>#</c>.</summary>
    public IEnumerable<string> Anchors => Heading().Matches(WithoutBlocks).Select(heading =>
        NotInAnchor().Replace(heading.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    /// <summary>The code blocks of one language.</summary>
    public IEnumerable<string> Blocks(string language) =>
        Block().Matches(Text).Where(block => block.Groups["language"].Value == language).Select(block => block.Groups["code"].Value);

    /// <summary>The rows of all tables, as their cells without the marks of code.</summary>
    public IEnumerable<string[]> Rows() => Text.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))
        .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim().Trim('`')).ToArray());

    private string WithoutBlocks => Block().Replace(Text, "");

    [GeneratedRegex(@"\]\((?!\w+:)(?<path>[^)#\s]*)(?:#(?<anchor>[^)\s]+))?\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N}_ -]")]
    private static partial Regex NotInAnchor();

    [GeneratedRegex(@"^```(?<language>\w*)\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
