using System.Text.Json.Serialization;

namespace Provisioner.Client.Commands;

/// <summary>One thing that <c>doctor</c> has looked at.</summary>
/// <param name="Check">What it is, in a word or two.</param>
/// <param name="Verdict"><c>ok</c>, <c>warn</c> or <c>fail</c>.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Remedy">What mends it; null where all is well.</param>
internal sealed record DoctorFinding(string Check, string Verdict, string Detail, string? Remedy);

[JsonSerializable(typeof(List<DoctorFinding>))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
internal sealed partial class DoctorJson : JsonSerializerContext;
