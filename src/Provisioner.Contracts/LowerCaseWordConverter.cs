using System.Text.Json;
using System.Text.Json.Serialization;

namespace Provisioner.Contracts;

/// <summary>Writes an enum as its name in lower case, without dashes; reads it in any case.</summary>
public sealed class LowerCaseWordConverter<T>() : JsonStringEnumConverter<T>(new LowerCase(), allowIntegerValues: false)
    where T : struct, Enum
{
    private sealed class LowerCase : JsonNamingPolicy
    {
        public override string ConvertName(string name) => name.ToLowerInvariant();
    }
}
