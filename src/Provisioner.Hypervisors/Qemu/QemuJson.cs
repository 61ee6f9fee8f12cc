using System.Text.Json.Serialization;

namespace Provisioner.Hypervisors.Qemu;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SavedMachine))]
[JsonSerializable(typeof(QmpCommand))]
[JsonSerializable(typeof(QmpMessage))]
[JsonSerializable(typeof(DiskImageInfo[]))]
internal sealed partial class QemuJson : JsonSerializerContext;
