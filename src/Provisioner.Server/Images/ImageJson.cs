using System.Text.Json;
using System.Text.Json.Serialization;
using Provisioner.Server.Images.Building;

namespace Provisioner.Server.Images;

/// <summary>Generated reading and writing of the files of images.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    WriteIndented = true)]
[JsonSerializable(typeof(ImageManifest))]
[JsonSerializable(typeof(ImageRecipe))]
[JsonSerializable(typeof(Promotion))]
[JsonSerializable(typeof(RunnerNote))]
internal sealed partial class ImageJson : JsonSerializerContext;
