using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Provisioner.Server.Configuration;

/// <summary>
/// Reads the configuration: the file first, then environment variables, then flags. Everything that is wrong is collected, so
/// that a person mends the file once and not once per mistake.
/// </summary>
internal sealed class ConfigurationReader
{
    public const string EnvironmentPrefix = "VBDP_";

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private readonly List<string> _errors = [];

    /// <summary>Reads and checks. The options are null when there is any error.</summary>
    /// <param name="file">Path of the file, or null for none.</param>
    /// <param name="environment">All environment variables; those with our prefix count, <c>__</c> separates levels.</param>
    /// <param name="flags">Values from the command line, by key.</param>
    public static (ServerOptions? Options, IReadOnlyList<string> Errors) Read(
        string? file, IDictionary environment, IReadOnlyDictionary<string, string> flags)
    {
        var reader = new ConfigurationReader();
        var root = reader.ReadFile(file);
        var schema = ConfigurationJson.Default.ServerOptions;
        foreach (DictionaryEntry variable in environment)
        {
            if (variable is { Key: string name, Value: string { Length: > 0 } value } && name.StartsWith(EnvironmentPrefix, StringComparison.Ordinal))
            {
                reader.Overlay(root, schema, name[EnvironmentPrefix.Length..].Split("__"), value, name);
            }
        }

        foreach (var (key, value) in flags)
        {
            reader.Overlay(root, schema, key.Split('.'), value, $"--{key}");
        }

        ConfigurationShape.Check(root, schema, "", reader._errors);
        var options = reader._errors.Count == 0 ? root.Deserialize(schema) : null;
        if (options is not null)
        {
            reader._errors.AddRange(ConfigurationRules.Errors(options));
        }

        return (reader._errors.Count == 0 ? options : null, reader._errors);
    }

    private JsonObject ReadFile(string? file)
    {
        if (file is null)
        {
            return [];
        }

        try
        {
            using var stream = File.OpenRead(file);
            if (JsonNode.Parse(stream, documentOptions: Lenient) is JsonObject read)
            {
                return read;
            }

            _errors.Add($"{file}: the file must hold one JSON object.");
        }
        catch (JsonException problem)
        {
            _errors.Add($"{file}: line {problem.LineNumber + 1}, column {problem.BytePositionInLine + 1}: this is not JSON. {problem.Message}");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            _errors.Add($"{file}: cannot be read: {problem.Message}");
        }

        return [];
    }

    /// <summary>Puts one value into the tree, as the type that the key has. Unknown names are an error: a typing mistake must not go unnoticed.</summary>
    private void Overlay(JsonObject node, JsonTypeInfo schema, ReadOnlySpan<string> path, string value, string origin)
    {
        var wanted = Plain(path[0]);
        var property = schema.Properties.FirstOrDefault(candidate => Plain(candidate.Name) == wanted);
        if (property is null)
        {
            // The client's variables share the prefix and may stand in the same environment.
            if (origin.StartsWith("--", StringComparison.Ordinal) || origin.Contains("__", StringComparison.Ordinal))
            {
                _errors.Add($"{origin}: there is no such setting.");
            }

            return;
        }

        if (path.Length == 1)
        {
            node[property.Name] = property.PropertyType == typeof(string) ? JsonValue.Create(value) : Literal(value);
            return;
        }

        if (node[property.Name] is not JsonObject inner)
        {
            node[property.Name] = inner = [];
        }

        Overlay(inner, schema.Options.GetTypeInfo(property.PropertyType), path[1..], value, origin);
    }

    private static JsonValue Literal(string value) =>
        bool.TryParse(value, out var truth) ? JsonValue.Create(truth)
        : long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? JsonValue.Create(number)
        : JsonValue.Create(value);

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
}
