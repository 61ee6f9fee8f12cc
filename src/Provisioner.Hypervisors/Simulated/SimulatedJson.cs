using System.Text.Json.Serialization;

namespace Provisioner.Hypervisors.Simulated;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = true)]
[JsonSerializable(typeof(SavedSimulatedMachine))]
internal sealed partial class SimulatedJson : JsonSerializerContext;
