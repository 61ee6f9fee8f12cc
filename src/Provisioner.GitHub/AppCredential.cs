using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Provisioner.GitHub;

/// <summary>
/// A GitHub App: its key signs a short proof of identity, which buys a token for the one repository, with the one permission
/// that managing runners takes, or another with the one that reading runs takes. A token lasts an hour and is kept until shortly before that.
/// </summary>
public sealed class AppCredential(AppKey key, HttpClient http, GitHubEndpoints endpoints, TimeProvider time, ILogger<AppCredential> logger)
    : GitHubCredential
{
    private static readonly TimeSpan RenewBefore = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private readonly GitHubRest rest = new(http, endpoints, time, logger);
    private readonly ConcurrentDictionary<string, CachedToken> tokens = new(StringComparer.OrdinalIgnoreCase);

    private readonly ConcurrentDictionary<string, CachedToken> runTokens = new(StringComparer.OrdinalIgnoreCase);

    public override ValueTask<string> GetTokenAsync(RepositoryName repo, CancellationToken cancellationToken) =>
        GetAsync(tokens, new WirePermissions(Administration: "write"), repo, cancellationToken);

    public override string ToString() => key.ToString();

    internal override async ValueTask<string> GetRunTokenAsync(RepositoryName repo, CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync(runTokens, new WirePermissions(Actions: "read"), repo, cancellationToken);
        }
        catch (GitHubException e) when (e.Fault == GitHubFault.Forbidden)
        {
            throw new GitHubException(
                GitHubFault.Forbidden,
                $"GitHub App '{key.Issuer}' may not read the workflow runs of {repo}. Give the App the repository permission 'Actions: read', and "
                    + "let the owner accept the change.",
                inner: e);
        }
    }

    private async ValueTask<string> GetAsync(
        ConcurrentDictionary<string, CachedToken> kept, WirePermissions permissions, RepositoryName repo, CancellationToken cancellationToken)
    {
        var cached = kept.GetOrAdd(repo.ToString(), _ => new CachedToken());
        if (cached.Usable(time) is { } usable)
        {
            return usable;
        }
        // A hundred VMs of one repository that start together need one token, not a hundred.
        await cached.Gate.WaitAsync(cancellationToken);
        try
        {
            if (cached.Usable(time) is { } fresh)
            {
                return fresh;
            }
            var minted = await MintAsync(permissions, repo, cancellationToken);
            cached.Token = new(minted, time.GetTimestamp(), LifeOf(minted));
            return minted.Token;
        }
        finally
        {
            cached.Gate.Release();
        }
    }

    internal override bool Forget(RepositoryName repo)
    {
        foreach (var kept in new[] { tokens, runTokens })
        {
            if (kept.TryGetValue(repo.ToString(), out var cached))
            {
                cached.Token = null;
            }
        }
        return true;
    }

    // GitHub counts per installation, and an owner has one installation of an App.
    internal override string AccountOf(RepositoryName repo) => repo.Owner.ToLowerInvariant();

    /// <summary>Counted from now on, so that a clock that is set meanwhile changes nothing.</summary>
    private TimeSpan LifeOf(WireInstallationToken token)
    {
        var left = token.ExpiresAt - time.GetUtcNow();
        return (left < Longest ? left : Longest) - RenewBefore;
    }

    private async Task<WireInstallationToken> MintAsync(WirePermissions permissions, RepositoryName repo, CancellationToken cancellationToken)
    {
        var installation = (await CallAsync(HttpMethod.Get, $"repos/{repo}/installation", null, repo, cancellationToken))
            .Read(GitHubJson.Default.WireInstallation);
        var request = new WireTokenRequest([repo.Name], permissions);
        var reply = await CallAsync(
            HttpMethod.Post,
            $"app/installations/{installation.Id}/access_tokens",
            JsonSerializer.SerializeToUtf8Bytes(request, GitHubJson.Default.WireTokenRequest),
            repo,
            cancellationToken);
        return reply.Read(GitHubJson.Default.WireInstallationToken);
    }

    private async Task<RestReply> CallAsync(
        HttpMethod method, string path, byte[]? body, RepositoryName repo, CancellationToken cancellationToken)
    {
        // A token minted by a call whose answer was lost just expires, so minting may be repeated.
        var call = new RestCall(method, path) { Body = body, MayRepeat = true, Account = $"app:{key.Issuer}" };
        var reply = await rest.SendAsync(call, key.CreateJwt(time.GetUtcNow()), cancellationToken);
        return reply.Status switch
        {
            HttpStatusCode.OK or HttpStatusCode.Created => reply,
            _ => throw AppRefusal.From(reply, repo, key.Issuer),
        };
    }

    private sealed class CachedToken
    {
        public SemaphoreSlim Gate { get; } = new(1);

        public Minted? Token { get; set; }

        public string? Usable(TimeProvider time) => Token is { } minted && time.GetElapsedTime(minted.At) < minted.Life ? minted.Token.Token : null;
    }

    private sealed record Minted(WireInstallationToken Token, long At, TimeSpan Life);
}
