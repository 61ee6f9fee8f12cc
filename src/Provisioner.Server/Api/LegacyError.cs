using System.Text.Json.Serialization;

namespace Provisioner.Server.Api;

/// <summary>Every refusal of the Go version: <c>{"errMsg":"…"}</c>.</summary>
internal sealed record LegacyError(string ErrMsg);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LegacyError))]
internal sealed partial class LegacyJson : JsonSerializerContext;
