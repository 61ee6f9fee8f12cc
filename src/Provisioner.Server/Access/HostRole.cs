using System.Text.Json.Serialization;

namespace Provisioner.Server.Access;

/// <summary>What the holder of a token may do beyond its repositories: see the whole host, or act on it too.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<HostRole>))]
internal enum HostRole
{
    /// <summary>May read the dashboard and the metrics.</summary>
    Viewer,

    /// <summary>May delete and extend all VMs there, too, and drain and resume hosts.</summary>
    Operator,
}
