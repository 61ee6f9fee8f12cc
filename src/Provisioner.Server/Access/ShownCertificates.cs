using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Provisioner.Server.Audit;
using Provisioner.Server.Tls;

namespace Provisioner.Server.Access;

/// <summary>
/// Judges the certificate that a client shows when it connects, and has the audit log say which was refused, from where. It only counts
/// in memory: nothing of a handshake waits for the store, and a flood of them is a few rows a minute.
/// </summary>
internal sealed class ShownCertificates(ClientCertificates clients, Refusals refusals)
{
    private const string Refused = "certificate-refused"; // no problem code: there is no answer that could hold one

    // The judgement is asked for without the connection that it is about.
    private readonly AsyncLocal<IPAddress?> _from = new();

    /// <summary>What is judged behind this call, in the same flow, comes from there.</summary>
    public void ComeFrom(ConnectionContext? connection) => _from.Value = (connection?.RemoteEndPoint as IPEndPoint)?.Address;

    public bool Accept(X509Certificate2 shown, SslPolicyErrors errors)
    {
        var (name, problem) = clients.Judge(shown); // judged in any case: it logs why
        if (name is not null && errors == SslPolicyErrors.None)
        {
            return true;
        }

        // Who shows it chooses what stands in it: so it is counted by address, and its own words are only an example.
        refusals.Note(new AuditEntry(Refusals.At(_from.Value), AuditAction.SignInRefused)
        {
            Outcome = Refused,
            Detail = $"{(name is null ? problem : errors)}; serial {ClaimText.ShowUpTo(80, shown.SerialNumber)}, subject {ClaimText.Show(shown.Subject)}",
        });
        return false;
    }
}
