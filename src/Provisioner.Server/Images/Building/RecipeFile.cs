using System.Text.Json;
using Provisioner.Hypervisors;

namespace Provisioner.Server.Images.Building;

/// <summary>Reads a recipe and says everything that is wrong with it at once.</summary>
internal static class RecipeFile
{
    /// <exception cref="ImageException">With all errors, one a line.</exception>
    public static ImageRecipe Read(string file)
    {
        ImageRecipe recipe;
        try
        {
            recipe = JsonSerializer.Deserialize(File.ReadAllText(file), ImageJson.Default.ImageRecipe)
                ?? throw new ImageException($"{file} is empty. See docs/how-to/build-an-image.md.");
        }
        catch (JsonException problem)
        {
            throw new ImageException($"{file}: {problem.Message}");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new ImageException($"{file} cannot be read: {problem.Message}");
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        recipe = recipe with
        {
            Base = recipe.Base with { File = recipe.Base.File is { } disk ? Path.Combine(folder, disk) : null },
            Runner = recipe.Runner with { File = recipe.Runner.File is { } tarball ? Path.Combine(folder, tarball) : null },
        };
        var errors = Errors(recipe).ToList();
        return errors.Count == 0 ? recipe : throw new ImageException(string.Join(Environment.NewLine, errors.Select(error => $"{file}: {error}")));
    }

    /// <summary>What is wrong with its values. Each error names key, cause and remedy.</summary>
    public static IEnumerable<string> Errors(ImageRecipe recipe)
    {
        if (!VmId.TryParse(recipe.Name, out _))
        {
            yield return $"name: '{recipe.Name}' will not do: a name is {VmId.Rule}.";
        }

        if (recipe.Base is { File: null, Url: null })
        {
            yield return "base: give file or url.";
        }

        foreach (var error in Errors("base", recipe.Base).Concat(Errors("runner", recipe.Runner)))
        {
            yield return error;
        }

        if (recipe.Runner is { File: not null, Sha256: null, Sha512: null, Checksums: null })
        {
            yield return "runner.sha256: missing. Nothing unchecked is unpacked into an image.";
        }

        foreach (var (key, value, least) in new[] { ("disk", recipe.Disk ?? 1, 1), ("cpus", recipe.Cpus, 1), ("memory", recipe.Memory, 64) })
        {
            if (value < least)
            {
                yield return $"{key}: {value} is less than {least}.";
            }
        }

        if (recipe.Deadline <= TimeSpan.Zero || recipe.Deadline > TimeSpan.FromDays(1))
        {
            yield return $"deadline: {recipe.Deadline} is not between zero and a day.";
        }

        foreach (var option in recipe.Setup.Where(option => option.Any(char.IsControl) || option.StartsWith("--runner", StringComparison.Ordinal)))
        {
            yield return $"setup: '{option.ReplaceLineEndings(" ")}' cannot be given here: one option on one line, and the runner stands under runner.";
        }
    }

    private static IEnumerable<string> Errors(string key, SourceFile source)
    {
        if (source is { File: not null, Url: not null })
        {
            yield return $"{key}: give one of file and url.";
        }

        if (source.File is { } file && !File.Exists(file))
        {
            yield return $"{key}.file: there is no file {file}.";
        }

        if (source.Url is { } url && !(url.IsAbsoluteUri && url.Scheme is "https" or "http"))
        {
            yield return $"{key}.url: '{url}' is not an address that begins with https://.";
        }
        else if (source is { Url.Scheme: "http", Sha256: null, Sha512: null })
        {
            yield return $"{key}.url: http proves nothing. Give {key}.sha256, or use https.";
        }

        if (source is { Url: not null, Sha256: null, Sha512: null, Checksums: null })
        {
            yield return $"{key}.sha256: missing. Give it, or {key}.checksums, the address of the publisher's list.";
        }

        if (source.Checksums is { } list && !(list.IsAbsoluteUri && list.Scheme == "https"))
        {
            yield return $"{key}.checksums: '{list}' is not an address that begins with https://.";
        }

        if ((source.Sha256 is { } sha256 && Checksum.Parse(sha256)?.Hex.Length != 64) || (source.Sha512 is { } sha512 && Checksum.Parse(sha512)?.Hex.Length != 128))
        {
            yield return $"{key}: a SHA-256 has 64 hexadecimal digits, a SHA-512 has 128.";
        }
    }
}
