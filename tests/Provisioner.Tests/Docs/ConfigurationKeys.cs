using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Provisioner.Server.Configuration;

namespace Provisioner.Tests.Docs;

/// <summary>All keys of a configuration with their defaults, from the generated metadata that the server itself reads it with.</summary>
internal static class ConfigurationKeys
{
    public static Dictionary<string, string> All() =>
        Walk("", ConfigurationJson.Default.ServerOptions, new ServerOptions()).ToDictionary(key => key.Path, key => key.Default);

    private static IEnumerable<(string Path, string Default)> Walk(string prefix, JsonTypeInfo schema, object options) =>
        from property in schema.Properties
        where property.Set is not null
        from key in WalkProperty(prefix + property.Name, schema.Options.GetTypeInfo(property.PropertyType), property.Get!(options))
        select key;

    private static IEnumerable<(string Path, string Default)> WalkProperty(string path, JsonTypeInfo schema, object? value) => schema.Kind switch
    {
        JsonTypeInfoKind.Object => Walk($"{path}.", schema, value!),
        JsonTypeInfoKind.Dictionary => WalkElements($"{path}.<alias>.", schema),
        JsonTypeInfoKind.Enumerable => WalkElements($"{path}[].", schema).Prepend((path, Describe(value, schema))),
        _ => [(path, Describe(value, schema))],
    };

    private static IEnumerable<(string Path, string Default)> WalkElements(string prefix, JsonTypeInfo schema) =>
        schema.Options.GetTypeInfo(schema.ElementType!) is { Kind: JsonTypeInfoKind.Object } element
            ? Walk(prefix, element, element.CreateObject!())
            : [];

    private static string Describe(object? value, JsonTypeInfo schema) => value switch
    {
        null or "" => "none",
        ICollection { Count: 0 } => "none",
        _ => JsonSerializer.Serialize(value, schema).Trim('"'),
    };
}
