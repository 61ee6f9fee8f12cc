using System.Net;

namespace Provisioner.Server.Tls;

/// <summary>One connection, from before its first byte. Until a request on it was let in, it may be closed to make room for another.</summary>
internal sealed class OpenConnection(IPAddress address, Action abort)
{
    private volatile bool _isAdmitted;

    public IPAddress Address { get; } = address;

    public bool IsAdmitted => _isAdmitted;

    /// <summary>A caller has proved who it is.</summary>
    public void Admit() => _isAdmitted = true;

    /// <summary>Somebody was not let in: who was before has no place for that.</summary>
    public void Withdraw() => _isAdmitted = false;

    public void Abort() => abort();
}
