using System.Text.Json;
using System.Text.Json.Serialization;

namespace Provisioner.Contracts;

/// <summary>Writes an enum as its name in lower case; reads it in any case. Works without reflection on serialised types.</summary>
public sealed class LowerCaseEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
