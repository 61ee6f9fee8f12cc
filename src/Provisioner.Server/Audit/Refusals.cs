using System.Net;
using System.Net.Sockets;
using Provisioner.Server.Store;
using Provisioner.Server.Tls;

namespace Provisioner.Server.Audit;

/// <summary>
/// Refusals on their way into the audit log. Anybody can cause them, as many as he likes; so they are counted, and written once a minute:
/// one row for each kind of refusal and who it met, and no more than a few rows, whatever comes.
/// </summary>
internal sealed class Refusals(AuditTable audit)
{
    /// <summary>Rows a minute of one action; what goes beyond them is in one row more.</summary>
    public const int MostRows = 32;

    private readonly Lock _counting = new();
    private readonly Dictionary<AuditEntry, AuditEntry> _counted = [];

    /// <param name="refusal">Whom it met and why. Where the same is counted already, the first one's target and words stand for all.</param>
    public void Note(AuditEntry refusal)
    {
        lock (_counting)
        {
            var kind = refusal with { Target = "", Detail = "", Count = 1 };
            if (!_counted.ContainsKey(kind) && _counted.Keys.Count(other => other.Action == refusal.Action) >= MostRows)
            {
                kind = new AuditEntry("others", refusal.Action) { Outcome = "too-many" };
                refusal = kind with { Count = refusal.Count };
            }

            _counted[kind] = _counted.TryGetValue(kind, out var same) ? same with { Count = same.Count + refusal.Count } : refusal;
        }
    }

    /// <summary>Writes what was counted since the last time.</summary>
    /// <exception cref="StoreException">It was not written; the next time tries again.</exception>
    public void Write()
    {
        List<AuditEntry> due;
        lock (_counting)
        {
            due = [.. _counted.Values];
            _counted.Clear();
        }

        try
        {
            audit.Append(due);
        }
        catch
        {
            due.ForEach(Note);
            throw;
        }
    }

    /// <summary>A network address as an actor: whoever it is counted for among the open connections.</summary>
    public static string At(IPAddress? address)
    {
        var network = address is null ? null : OpenConnections.Network(address);
        return network is { AddressFamily: AddressFamily.InterNetworkV6 } ? $"address:{network}/64" : $"address:{network}";
    }
}
