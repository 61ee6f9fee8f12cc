using System.Text.RegularExpressions;

namespace Provisioner.Tests.Architecture;

/// <summary>A C# file, as far as the house rules need to read it.</summary>
internal sealed partial record SourceFile(string Path, string[] Lines)
{
    public IEnumerable<string> TypeNames => Lines.SelectMany(line => TypeDeclaration().Matches(line)).Select(match => match.Groups["name"].Value);

    public IEnumerable<string> Interfaces => Lines.SelectMany(line => InterfaceDeclaration().Matches(line)).Select(match => match.Groups["name"].Value);

    public string? Namespace => Lines.Select(line => NamespaceDeclaration().Match(line)).FirstOrDefault(match => match.Success)?.Groups["name"].Value;

    /// <summary>Bodies of members, as the line before the brace and the number of lines between the braces. Relies on the formatting, which the build keeps.</summary>
    public IEnumerable<(string Where, int Length)> Bodies => BodiesAt("    ").Concat(BodiesAt("        "));

    private IEnumerable<(string Where, int Length)> BodiesAt(string indentation)
    {
        var opened = -1;
        for (var i = 0; i < Lines.Length; i++)
        {
            if (Lines[i] == indentation + '{')
            {
                opened = i;
            }
            else if (opened > 0 && (Lines[i] == indentation + '}' || Lines[i] == indentation + "};"))
            {
                var header = Lines[opened - 1].Trim();
                if (!TypeDeclaration().IsMatch(header))
                {
                    yield return ($"{Path}:{opened} {header}", i - opened - 1);
                }

                opened = -1;
            }
        }
    }

    [GeneratedRegex(@"^\s*(?:(?:public|internal|private|protected|file|static|sealed|abstract|partial|readonly|ref)\s+)*(?:class|record struct|record|struct|interface|enum)\s+(?<name>\w+)")]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"^\s*(?:(?:public|internal|private|protected|file|partial)\s+)*interface\s+(?<name>\w+)")]
    private static partial Regex InterfaceDeclaration();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);")]
    private static partial Regex NamespaceDeclaration();
}
