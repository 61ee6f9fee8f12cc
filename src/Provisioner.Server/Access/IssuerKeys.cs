using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Provisioner.Server.Access;

/// <summary>
/// The issuer's public keys. They are read when the first token comes, again after an hour, and when a token names a key that is not
/// known; never more than once a minute, whatever strangers send. While the issuer does not answer, the keys that it gave last count on,
/// up to a day after it gave them.
/// </summary>
internal sealed partial class IssuerKeys(IssuerDocuments documents, TimeProvider time, ILogger<IssuerKeys> logger) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestLife = TimeSpan.FromHours(24);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _reading = new(1);
    private volatile KeySet _known = new(FrozenDictionary<string, SecurityKey>.Empty, null);
    private long? _triedAt;
    private volatile bool _silent;

    /// <summary>When to come again, where <see cref="FindAsync"/> has found no key because the issuer could not be asked; null when its answer is no.</summary>
    public TimeSpan? Silence => _silent && _triedAt is { } last ? Max(ShortestPause - time.GetElapsedTime(last), TimeSpan.FromSeconds(1)) : null;

    /// <summary>The key of that name; null when the issuer has none, or cannot be asked.</summary>
    public async Task<SecurityKey?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (Find(id, Fresh) is { } known)
        {
            return known;
        }

        await _reading.WaitAsync(cancellationToken);
        try
        {
            // Another call may have read them while this one waited.
            if (Find(id, Fresh) is null && (_triedAt is not { } last || time.GetElapsedTime(last) >= ShortestPause))
            {
                _triedAt = time.GetTimestamp();
                await ReadAsync();
            }
        }
        finally
        {
            _reading.Release();
        }

        return Find(id, LongestLife);
    }

    public void Dispose()
    {
        _reading.Dispose();
        documents.Dispose();
    }

    private SecurityKey? Find(string id, TimeSpan youngerThan) =>
        _known is { ReadAt: { } readAt } set && time.GetElapsedTime(readAt) < youngerThan ? set.Keys.GetValueOrDefault(id) : null;

    /// <summary>Not ended by the request that came first: others wait for it, and it is the only one for a minute.</summary>
    private async Task ReadAsync()
    {
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            _known = new KeySet(await documents.ReadKeysAsync(patience.Token), time.GetTimestamp());
            _silent = false;
            LogRead(_known.Keys.Count, documents.Issuer);
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or JsonException or FormatException or InvalidOperationException)
        {
            _silent = true;
            LogFailed(documents.Issuer, problem.Message);
        }
        catch (OperationCanceledException)
        {
            _silent = true;
            LogFailed(documents.Issuer, $"No answer within {Patience.TotalSeconds:0} s.");
        }
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    [LoggerMessage(LogLevel.Information, "Read {Count} signing keys of {Issuer}")]
    private partial void LogRead(int count, string issuer);

    [LoggerMessage(LogLevel.Warning, "The signing keys of {Issuer} could not be read: {Problem} Workflows are let in by the keys read last, for a day at most; see that this host can reach the issuer")]
    private partial void LogFailed(string issuer, string problem);

    private sealed record KeySet(IReadOnlyDictionary<string, SecurityKey> Keys, long? ReadAt);
}
