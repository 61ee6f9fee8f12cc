using System.Net;
using System.Net.Sockets;
using Provisioner.Server.Store;

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

    /// <summary>A network address as an actor. Who has an IPv6 address has the 64 bits behind it too.</summary>
    public static string At(IPAddress? address)
    {
        var plain = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
        if (plain is not { AddressFamily: AddressFamily.InterNetworkV6 })
        {
            return $"address:{plain}";
        }

        var bytes = plain.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return $"address:{new IPAddress(bytes)}/64";
    }
}
