using System.Globalization;
using System.Reflection;
using Provisioner.Contracts;
using Provisioner.Server.Api;
using Provisioner.Tests.Architecture;

namespace Provisioner.Tests.Docs;

/// <summary>problem-codes.md and the code know the same problems.</summary>
public sealed class ProblemPageTests
{
    private static readonly List<string[]> Rows = [.. Page.Read("docs/reference/problem-codes.md").Rows()];

    internal static IReadOnlyList<string> Codes { get; } =
        [.. typeof(ProblemCode).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!)];

    [Fact]
    public void Each_code_is_explained_once() => Assert.Equal(Codes.Order(), Rows.Select(row => row[0]).Order());

    [Fact]
    public void Each_code_has_its_place_on_the_page_that_explain_leads_to() => Assert.All(Rows, row => Assert.StartsWith($"<a id=\"{row[0]}\"></a>", row[2], StringComparison.Ordinal));

    [Fact]
    public void Each_status_is_the_one_that_is_sent() => HouseRuleTests.AssertNone(
        from row in Rows
        where int.TryParse(row[1], CultureInfo.InvariantCulture, out var status) && status != Problems.Status(row[0])
        select $"{row[0]}: {row[1]}");
}
