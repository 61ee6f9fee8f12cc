using System.Globalization;
using System.Text.Json;
using Provisioner.Server.Access;
using Provisioner.Server.Configuration;

namespace Provisioner.Server.Images;

/// <summary>All versions of all images, for a person or for a program.</summary>
internal sealed class ImageTable(RunnerOptions runner, ImageFolder folder, TimeProvider time)
{
    public IEnumerable<string> Lines(bool json)
    {
        var rows = folder.Names.SelectMany(name => folder.Versions(name).Select(version => (Name: name, Version: version))).ToList();
        if (json)
        {
            return rows.Select(row => Object(row.Name, row.Version));
        }

        var columns = rows.Select(row => Cells(row.Name, row.Version)).Prepend(["NAME", "VERSION", "USE", "RUNNER", "AGE", "MIB", "SYSTEM"]).ToList();
        var widths = Enumerable.Range(0, columns[0].Length).Select(column => columns.Max(row => row[column].Length)).ToList();
        return columns.Select(row => string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }

    private string[] Cells(string name, ImageManifest version)
    {
        var now = time.GetUtcNow();
        var age = $"{(int)ImageAge.Of(version, now).TotalDays} d";
        var note = ImageAge.Refusal(name, version, runner, now) is not null ? " TOO OLD" : ImageAge.Warning(name, version, runner, now) is not null ? " old" : "";
        return [name, version.Version, Use(name, version), ClaimText.Show(version.RunnerVersion ?? "?"), age + note, Size(name, version), ClaimText.Show(version.System ?? "")];
    }

    private string Use(string name, ImageManifest version)
    {
        var promoted = folder.Promoted(name);
        return version.Version == promoted?.Current ? "current" : version.Version == promoted?.Previous ? "previous" : "";
    }

    private string Size(string name, ImageManifest version) =>
        (folder.SizeOf(name, version.Version) >> 20).ToString(CultureInfo.InvariantCulture);

    private string Object(string name, ImageManifest version)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("version", version.Version);
            json.WriteString("use", Use(name, version));
            json.WriteString("runner", version.RunnerVersion);
            json.WriteNumber("ageDays", (int)ImageAge.Of(version, time.GetUtcNow()).TotalDays);
            json.WriteString("source", folder.BaseOf(name, version).Source);
            json.WriteString("system", version.System);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
