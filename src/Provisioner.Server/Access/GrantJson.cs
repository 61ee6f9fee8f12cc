using System.Text.Json.Serialization;

namespace Provisioner.Server.Access;

/// <summary>Limits as they stand in the store, beside a token.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GrantLimits))]
internal sealed partial class GrantJson : JsonSerializerContext;
