namespace Provisioner.Server.Api;

/// <summary>The four words of <c>GET /create/{id}/{owner}/{repo}/{image}</c>, not checked yet.</summary>
internal sealed record LegacyRequest(string Id, string Owner, string Name, string Image);
