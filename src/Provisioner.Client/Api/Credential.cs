namespace Provisioner.Client.Api;

/// <summary>How the client proves to the server who it is.</summary>
internal abstract class Credential
{
    /// <summary>What the next request carries. Asked for each request, because some tokens are good for one only.</summary>
    /// <exception cref="ClientException">There is none now; no request has left.</exception>
    public abstract Task<string> GetTokenAsync(CancellationToken cancellation);
}
