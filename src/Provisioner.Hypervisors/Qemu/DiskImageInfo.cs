using System.Text.Json.Serialization;

namespace Provisioner.Hypervisors.Qemu;

/// <summary>What <c>qemu-img info --output=json</c> says of an image.</summary>
internal sealed record DiskImageInfo
{
    [JsonPropertyName("format")]
    public string Format { get; init; } = "";

    [JsonPropertyName("virtual-size")]
    public long VirtualSize { get; init; }
}
