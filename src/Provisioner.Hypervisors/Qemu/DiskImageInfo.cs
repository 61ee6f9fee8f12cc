using System.Text.Json.Serialization;

namespace Provisioner.Hypervisors.Qemu;

/// <summary>What <c>qemu-img info --output=json</c> says of an image.</summary>
internal sealed record DiskImageInfo
{
    [JsonPropertyName("format")]
    public string Format { get; init; } = "";

    /// <summary>The file that it is an overlay on.</summary>
    [JsonPropertyName("backing-filename")]
    public string? BackingFile { get; init; }

    /// <summary>The file that holds its content instead, of a qcow2.</summary>
    [JsonIgnore]
    public string? DataFile => Details?.Data.DataFile;

    [JsonPropertyName("format-specific")]
    public FormatDetails? Details { get; init; }

    [JsonPropertyName("virtual-size")]
    public long VirtualSize { get; init; }

    [JsonIgnore]
    public long Megabytes => VirtualSize >> 20;

    internal sealed record FormatDetails
    {
        [JsonPropertyName("data")]
        public FormatData Data { get; init; } = new();
    }

    internal sealed record FormatData
    {
        [JsonPropertyName("data-file")]
        public string? DataFile { get; init; }
    }
}
