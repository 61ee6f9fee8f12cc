using System.Text.Json.Serialization;

namespace Provisioner.Contracts;

/// <summary>The body of <c>POST /v1/vms</c>: what a caller asks for. A field that is not known is an error, so that no wish is lost by a typing mistake.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CreateVm
{
    /// <summary>Alias of the image, as listed by <c>GET /v1/images</c>. Mandatory.</summary>
    public string Image { get; set; } = "";

    /// <summary>Id of the VM, also the runner's name. Made by the server when absent. Lower-case letters, digits, dashes; at most 63.</summary>
    public string? Id { get; set; }

    /// <summary>Repository that the runner belongs to, <c>owner/name</c>. Needed only where the caller's grant holds more than one.</summary>
    public string? Repository { get; set; }

    /// <summary>Labels in addition to the one that the server makes, at most 20 of at most 100 characters.</summary>
    public IReadOnlyList<string> Labels { get; set; } = [];

    /// <summary>Number of virtual CPUs; the image's default when absent.</summary>
    public int? Cpus { get; set; }

    /// <summary>Memory in MiB; the image's default when absent.</summary>
    public int? Memory { get; set; }

    /// <summary>Size of the disk in MiB, at least that of the image's; its hardware profile's or the image's when absent.</summary>
    public int? Disk { get; set; }

    /// <summary>Name of a hardware profile of the server; the image's own when absent.</summary>
    public string? Hardware { get; set; }

    /// <summary>Longest life of the VM, as <c>hh:mm:ss</c>; the server's default when absent, and never above its maximum.</summary>
    public TimeSpan? Lifetime { get; set; }

    /// <summary>The workflow run that asks, where one does: when it is over the VM goes, even if nobody deletes it.</summary>
    public WorkflowRunReference? Run { get; set; }
}
