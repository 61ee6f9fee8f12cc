using System.Net;
using Provisioner.Server.Access;
using Provisioner.Server.Configuration;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Api;

/// <summary>
/// Who calls in the format of the Go version. There is no credential in it, so the connection's own address decides; a header
/// about forwarding could be written by anybody.
/// </summary>
internal sealed class LegacyCallers(ServerOptions options)
{
    /// <summary>No other kind of caller has a name that begins so.</summary>
    private const string Prefix = "legacy:";

    private readonly IReadOnlyList<IPNetwork> _networks = [.. options.Legacy.Networks.Select(IPNetwork.Parse)];
    private readonly Grant _grant = new(options.Legacy.Repositories);

    /// <summary>Null for an address outside of the listed networks.</summary>
    public Caller? At(IPAddress? address)
    {
        // A listener on :: sees IPv4 clients under a mapped address.
        var plain = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
        return plain is not null && _networks.Any(network => network.Contains(plain)) ? new Caller($"{Prefix}{plain}", _grant) : null;
    }

    /// <summary>Whether a VM was made in this format, for a repository that is listed. All others do not exist for it.</summary>
    public bool Owns(Vm vm) => vm.Caller.StartsWith(Prefix, StringComparison.Ordinal) && _grant.Covers(vm.Repository);
}
