using System.Security.Cryptography;
using System.Text;

namespace Provisioner.CrashMatrix;

/// <summary>A VM that somebody asked for, by an idempotency key.</summary>
internal sealed class AskedVm(string caller, string key, string? givenId)
{
    public string Key => key;

    public string? GivenId => givenId;

    public string Id { get; } = givenId ?? MadeId(caller, key);

    /// <summary>The profile with a device that only one VM can have at a time; null for none.</summary>
    public string? Hardware { get; init; }

    /// <summary>Whether a create was answered.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>Whether a delete was answered.</summary>
    public bool IsDeleted { get; set; }

    // As the server makes it from caller and key.
    private static string MadeId(string caller, string key) =>
        "vm-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{caller}\n{key}")).AsSpan(0, 16));
}
