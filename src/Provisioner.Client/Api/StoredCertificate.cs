using System.Security.Cryptography.X509Certificates;

namespace Provisioner.Client.Api;

/// <summary>A certificate and its key, shown with each connection. No request has a token beside it: the server takes one of the two.</summary>
internal sealed class StoredCertificate(X509Certificate2 certificate) : Credential
{
    public override X509Certificate2 Certificate => certificate;

    public override Task<string?> GetTokenAsync(CancellationToken cancellation) => Task.FromResult<string?>(null);
}
