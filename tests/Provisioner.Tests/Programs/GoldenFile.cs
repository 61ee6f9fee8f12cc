using Provisioner.Tests.Architecture;

namespace Provisioner.Tests.Programs;

/// <summary>
/// What a program has promised to write, in <c>Golden/PROGRAM/</c>. When a change of it is meant, <c>VBDP_GOLDEN=write</c> in the
/// environment of the tests has them write the files anew, to be looked at and committed.
/// </summary>
internal static class GoldenFile
{
    private static readonly bool Writes = Environment.GetEnvironmentVariable("VBDP_GOLDEN") == "write";

    private static string Folder(string program) => Path.Combine(SourceTree.Root, "tests", "Provisioner.Tests", "Programs", "Golden", program);

    /// <summary>Holds the texts, by the names of their files, against all files of that ending.</summary>
    public static void AssertAre(string program, string ending, IReadOnlyDictionary<string, string> texts)
    {
        var folder = Directory.CreateDirectory(Folder(program)).FullName;
        if (Writes)
        {
            Write(folder, ending, texts);
        }

        var files = Directory.GetFiles(folder, $"*{ending}").ToDictionary(file => Path.GetFileName(file)[..^ending.Length], File.ReadAllText);
        HouseRuleTests.AssertNone([
            .. texts.Keys.Except(files.Keys).Select(name => $"{program} {name}: it has no file {name}{ending}; VBDP_GOLDEN=write makes it"),
            .. files.Keys.Except(texts.Keys).Select(name => $"{name}{ending}: {program} has nothing of that name any more; VBDP_GOLDEN=write removes it"),
            .. texts.Where(text => files.TryGetValue(text.Key, out var known) && known != text.Value)
                .Select(text => $"{program} {text.Key}: it differs from {text.Key}{ending}{Difference(files[text.Key], text.Value)}"),
        ]);
    }

    private static string Difference(string known, string now)
    {
        var (before, after) = (known.Split('\n'), now.Split('\n'));
        var line = Enumerable.Range(0, Math.Max(before.Length, after.Length)).First(number => before.ElementAtOrDefault(number) != after.ElementAtOrDefault(number));
        return $" in line {line + 1}:\n  was: {before.ElementAtOrDefault(line)}\n  is:  {after.ElementAtOrDefault(line)}\nIf that is meant, VBDP_GOLDEN=write writes it anew.";
    }

    private static void Write(string folder, string ending, IReadOnlyDictionary<string, string> texts)
    {
        foreach (var file in Directory.GetFiles(folder, $"*{ending}"))
        {
            File.Delete(file);
        }

        foreach (var (name, text) in texts)
        {
            File.WriteAllText(Path.Combine(folder, name + ending), text);
        }
    }
}
