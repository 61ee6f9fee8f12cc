namespace Provisioner.Client.Api;

/// <summary>An API token, the same for each request.</summary>
internal sealed class StoredToken(string token) : Credential
{
    public override Task<string?> GetTokenAsync(CancellationToken cancellation) => Task.FromResult<string?>(token);
}
