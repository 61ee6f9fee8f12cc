using System.Security.Cryptography.X509Certificates;

namespace Provisioner.Client.Api;

/// <summary>How the client proves to the server who it is.</summary>
internal abstract class Credential
{
    /// <summary>What each connection shows; null where requests carry a token.</summary>
    public virtual X509Certificate2? Certificate => null;

    /// <summary>What the next request carries. Asked for each request, because some tokens are good for one only. Null where the connection says it all.</summary>
    /// <exception cref="ClientException">There is none now; no request has left.</exception>
    public abstract Task<string?> GetTokenAsync(CancellationToken cancellation);
}
