using System.Text.Json.Serialization;

namespace Provisioner.Contracts;

/// <summary>Generated JSON of everything that travels: camel case, unknown fields refused in requests by the server, ignored by clients.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CreateVm))]
[JsonSerializable(typeof(ExtendVm))]
[JsonSerializable(typeof(VmView))]
[JsonSerializable(typeof(VmView[]))]
[JsonSerializable(typeof(VmEvent))]
[JsonSerializable(typeof(VmFailure))]
[JsonSerializable(typeof(ImageView[]))]
[JsonSerializable(typeof(HostView))]
[JsonSerializable(typeof(HostView[]))]
[JsonSerializable(typeof(ProblemView))]
public sealed partial class WireJson : JsonSerializerContext;
