using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Provisioner.Server.Configuration;

/// <summary>Compares a configuration tree with the generated metadata of the options: unknown keys and wrong types, all of them, by path.</summary>
internal static class ConfigurationShape
{
    public static void Check(JsonNode? node, JsonTypeInfo schema, string path, List<string> errors)
    {
        switch (schema.Kind)
        {
            case JsonTypeInfoKind.Object when node is JsonObject values:
                CheckObject(values, schema, path, errors);
                break;
            case JsonTypeInfoKind.Dictionary when node is JsonObject values:
                foreach (var (key, value) in values)
                {
                    Check(value, schema.Options.GetTypeInfo(schema.ElementType!), Join(path, key), errors);
                }

                break;
            case JsonTypeInfoKind.Enumerable when node is JsonArray elements:
                for (var index = 0; index < elements.Count; index++)
                {
                    Check(elements[index], schema.Options.GetTypeInfo(schema.ElementType!), $"{path}[{index}]", errors);
                }

                break;
            default:
                CheckValue(node, schema, path, errors);
                break;
        }
    }

    private static void CheckObject(JsonObject values, JsonTypeInfo schema, string path, List<string> errors)
    {
        foreach (var (key, value) in values)
        {
            var property = schema.Properties.FirstOrDefault(candidate => candidate.Name == key && candidate.Set is not null);
            if (property is null)
            {
                errors.Add($"{Join(path, key)}: there is no such key; {Suggestion(key, schema)}");
            }
            else if (value is not null || !property.IsSetNullable)
            {
                Check(value, schema.Options.GetTypeInfo(property.PropertyType), Join(path, key), errors);
            }
        }
    }

    private static void CheckValue(JsonNode? node, JsonTypeInfo schema, string path, List<string> errors)
    {
        try
        {
            if (node is not null)
            {
                node.Deserialize(schema);
                return;
            }
        }
        catch (JsonException)
        {
            // Said below, with what is wanted instead.
        }

        errors.Add($"{path}: {node?.ToJsonString() ?? "null"} is not {Describe(schema.Type)}.");
    }

    private static string Describe(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain switch
        {
            _ when plain == typeof(int) || plain == typeof(long) => "a whole number",
            _ when plain == typeof(bool) => "true or false",
            _ when plain == typeof(string) => "text in quotes",
            _ when plain == typeof(TimeSpan) => "a time such as \"00:05:00\"",
            _ when plain.IsEnum => $"one of {string.Join(", ", plain.GetEnumNames()).ToLowerInvariant()}",
            _ => "of the shape that this key has",
        };
    }

    private static string Suggestion(string key, JsonTypeInfo schema)
    {
        var nearest = schema.Properties.FirstOrDefault(candidate =>
            string.Equals(candidate.Name, key.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase));
        var known = string.Join(", ", schema.Properties.Where(candidate => candidate.Set is not null).Select(candidate => candidate.Name));
        return nearest is null ? $"known are {known}." : $"did you mean {nearest.Name}?";
    }

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
}
