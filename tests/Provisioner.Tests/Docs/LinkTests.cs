using Provisioner.Tests.Architecture;

namespace Provisioner.Tests.Docs;

/// <summary>A reader who follows a link gets somewhere.</summary>
public sealed class LinkTests
{
    [Fact]
    public void Each_link_points_at_something_that_exists() => HouseRuleTests.AssertNone(
        from page in Page.All()
        from link in page.Links
        where link.Path.Length > 0 && !Path.Exists(Target(page, link.Path))
        select $"{page.Path}: {link.Path}");

    [Fact]
    public void Each_link_to_a_heading_finds_it() => HouseRuleTests.AssertNone(
        from page in Page.All()
        from link in page.Links
        where link.Anchor.Length > 0
        let target = link.Path.Length == 0 ? page : Page.Read(Path.GetRelativePath(SourceTree.Root, Target(page, link.Path)))
        where !target.Anchors.Contains(link.Anchor)
        select $"{page.Path}: {link.Path}#{link.Anchor}");

    [Fact]
    public void Each_page_is_reached_from_the_list_of_pages()
    {
        var index = Page.Read("docs/README.md");
        var linked = index.Links.Select(link => Path.GetRelativePath(SourceTree.Root, Target(index, link.Path))).ToHashSet();

        HouseRuleTests.AssertNone(Page.All().Select(page => page.Path)
            .Where(path => path.StartsWith("docs/", StringComparison.Ordinal) && path != index.Path && !linked.Contains(path)));
    }

    private static string Target(Page page, string path) =>
        Path.GetFullPath(Path.Combine(SourceTree.Root, Path.GetDirectoryName(page.Path)!, path));
}
