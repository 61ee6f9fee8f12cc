using System.Text.Json.Serialization;
using Provisioner.Hypervisors;

namespace Provisioner.Server.Images;

/// <summary>Writes specifications as text, to be compared and not to be read again: a property that is added to them is in it.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(VmSpecification))]
internal sealed partial class RecipeJson : JsonSerializerContext;
