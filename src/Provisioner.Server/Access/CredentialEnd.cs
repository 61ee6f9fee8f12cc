using System.Collections.Concurrent;
using Provisioner.Server.Store;
using Provisioner.Server.Tls;

namespace Provisioner.Server.Access;

/// <summary>
/// Ends what an API token or a certificate has opened and still holds open, when it expires or is revoked, be it by another process. One
/// question a second to the store, and one look at each certificate; none while nothing is open.
/// </summary>
internal sealed class CredentialEnd(TokenTable tokens, ClientCertificates? certificates, TimeProvider time) : BackgroundService
{
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Opened, Caller> _open = new();

    /// <summary>For as long as a caller holds something open. A workflow's token is looked at when it opens something, and not later: it lives for minutes only.</summary>
    public Opened Open(Caller caller)
    {
        var opened = new Opened(this);
        if (caller.TokenId is not null || caller.Certificate is not null)
        {
            _open[opened] = caller;
        }

        return opened;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await LookAsync();
        }
    }

    private async Task LookAsync()
    {
        if (_open.IsEmpty)
        {
            return;
        }

        try
        {
            var now = time.GetUtcNow();
            var valid = tokens.List().Where(token => token.IsValid(now)).Select(token => token.Id).ToHashSet();
            foreach (var (opened, _) in _open.Where(opened => !IsGood(opened.Value, valid)))
            {
                await opened.EndAsync();
            }
        }
        catch (StoreException)
        {
            // The store says nothing just now, and so nothing new can be read from it either: the next look.
        }
    }

    private bool IsGood(Caller caller, IReadOnlySet<string> validTokens) =>
        caller.TokenId is { } id ? validTokens.Contains(id) : caller.Certificate is not { } certificate || certificates?.Judge(certificate).Name is not null;

    internal sealed class Opened(CredentialEnd owner) : IDisposable
    {
        private readonly CancellationTokenSource _end = new();

        /// <summary>Fires when the token has ended.</summary>
        public CancellationToken Ended => _end.Token;

        public async Task EndAsync()
        {
            if (owner._open.TryRemove(this, out _))
            {
                await _end.CancelAsync();
            }
        }

        public void Dispose()
        {
            if (owner._open.TryRemove(this, out _))
            {
                _end.Dispose(); // else it is firing, or was never one that could
            }
        }
    }
}
