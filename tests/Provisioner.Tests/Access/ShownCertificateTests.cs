using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Provisioner.Server.Audit;
using Provisioner.Server.Store;

namespace Provisioner.Tests.Access;

/// <summary>A certificate that is refused in the handshake is in the audit log, and however many are, they are one row a minute for an address.</summary>
public sealed class ShownCertificateTests
{
    private const int Knocks = 50;

    [Fact(Timeout = 120_000)]
    public async Task A_flood_of_refused_handshakes_is_one_row_with_its_number_its_address_and_why()
    {
        await using var running = await CertificateServer.StartAsync();
        using var other = new ClientCertificateForge(TimeProvider.System.GetUtcNow());
        var revoked = running.Forge.Good().Certificate;
        running.Revoke(revoked);

        var handshakes = 0; // a client that is cut off comes again by itself
        await KnockAsync(running, revoked, () => handshakes++);
        var stranger = other.Good().Certificate;
        for (var knocked = 1; knocked < Knocks; knocked++)
        {
            await KnockAsync(running, stranger, () => handshakes++);
        }

        running.Server.Services.GetRequiredService<Refusals>().Write(); // as it is each minute
        var row = Assert.Single(running.Server.Services.GetRequiredService<AuditTable>().Read(), row => row.Action == "sign-in-refused");

        Assert.Equal(("address:127.0.0.1", "certificate-refused", handshakes), (row.Actor, row.Outcome, row.Count));
        Assert.True(handshakes >= Knocks);
        Assert.Equal($"it is revoked; serial {revoked.SerialNumber}, subject {revoked.Subject}", row.Detail);
    }

    private static async Task KnockAsync(CertificateServer running, X509Certificate2 certificate, Action connected)
    {
        using var http = running.Connect(certificate, connected);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.GetAsync("/v1/vms", TestContext.Current.CancellationToken));
    }
}
