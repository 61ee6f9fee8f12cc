using System.Text.Json;
using System.Text.Json.Serialization;

namespace Provisioner.Server.Configuration;

/// <summary>Generated reading of the configuration file. Its metadata is also what <see cref="ConfigurationReader"/> checks keys against.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ServerOptions))]
internal sealed partial class ConfigurationJson : JsonSerializerContext;
