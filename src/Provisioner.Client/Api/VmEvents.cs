using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Provisioner.Contracts;

namespace Provisioner.Client.Api;

/// <summary>
/// The changes of one VM, each once and in order, until it is gone; or of all. A connection that breaks is made again for as long as the
/// caller has patience (its token), goes on after the last event that came, and is given up when the server was away for too long.
/// </summary>
internal sealed class VmEvents(VmApi api, TimeProvider time, Action<string> notice)
{
    // The server sends a comment every 15 s.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    // As long as a host may take to start anew.
    private static readonly TimeSpan LongestAbsence = TimeSpan.FromMinutes(5);

    private long? _absentSince;
    private string? _lastEventId;
    private TimeSpan _pause = FirstPause;
    private bool _over;

    /// <summary>Those of one VM until it is gone.</summary>
    public IAsyncEnumerable<VmEvent> FollowAsync(string id, CancellationToken cancellation) =>
        RunAsync(last => api.OpenEventsAsync(id, last, follow: true, cancellation), change => change.Phase == VmPhase.Gone, endsWithStream: false, cancellation);

    /// <summary>Those of one VM that there are now.</summary>
    public IAsyncEnumerable<VmEvent> ReadAsync(string id, CancellationToken cancellation) =>
        RunAsync(last => api.OpenEventsAsync(id, last, follow: false, cancellation), _ => false, endsWithStream: true, cancellation);

    /// <summary>Those of all VMs that the caller may see: some of the past, and then each as it happens if they are followed.</summary>
    public IAsyncEnumerable<VmEvent> OfAllAsync(int past, bool follow, CancellationToken cancellation) =>
        RunAsync(last => api.OpenAllEventsAsync(past, last, follow, cancellation), _ => false, endsWithStream: !follow, cancellation);

    private async IAsyncEnumerable<VmEvent> RunAsync(
        Func<string?, Task<HttpResponseMessage>> open, Func<VmEvent, bool> isLast, bool endsWithStream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        while (!_over)
        {
            await foreach (var change in ConnectAsync(open, endsWithStream, cancellation))
            {
                _over = isLast(change);
                yield return change;
            }

            if (!_over)
            {
                await Task.Delay(_pause, time, cancellation);
                _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
            }
        }
    }

    /// <summary>One connection, until it ends or breaks; only what no further connection could mend is thrown.</summary>
    private async IAsyncEnumerable<VmEvent> ConnectAsync(
        Func<string?, Task<HttpResponseMessage>> open, bool endsWithStream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var response = await TryOpenAsync(open);
        if (response is null)
        {
            yield break;
        }

        await using var body = new HeartbeatStream(await response.Content.ReadAsStreamAsync(cancellation), LongestSilence, time);
        await using var items = SseParser.Create(body, Parse).EnumerateAsync(cancellation).GetAsyncEnumerator(cancellation);
        bool? moved;
        while ((moved = await TryMoveAsync(items)) is true)
        {
            if (items.Current.Data is { } change)
            {
                _lastEventId = items.Current.EventId ?? $"{change.Sequence}";
                _pause = FirstPause;
                yield return change;
            }
        }

        _over |= endsWithStream && moved is false;
    }

    private async Task<HttpResponseMessage?> TryOpenAsync(Func<string?, Task<HttpResponseMessage>> open)
    {
        try
        {
            var response = await open(_lastEventId);
            _absentSince = null;
            return response;
        }
        catch (ClientException error) when (error.Transient && Absence() < LongestAbsence)
        {
            notice($"{(error.ExitCode == ExitCode.Unreachable ? "The server does not answer: " : "")}{error.Cause} Trying again in {_pause.TotalSeconds:0.#} s, for at most {Text.Duration.Format(LongestAbsence)} in all.");
            return null;
        }
    }

    private TimeSpan Absence() => time.GetElapsedTime(_absentSince ??= time.GetTimestamp());

    /// <summary>False at the end of the stream; null where it broke.</summary>
    private async Task<bool?> TryMoveAsync(IAsyncEnumerator<SseItem<VmEvent?>> items)
    {
        try
        {
            return await items.MoveNextAsync();
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            notice($"The event stream broke ({error.Message}). Connecting again.");
            return null;
        }
    }

    // An event of a kind that a newer server may send is passed over; one that cannot be read is an error worth hearing.
    private static VmEvent? Parse(string kind, ReadOnlySpan<byte> data)
    {
        try
        {
            return kind == "vm" ? JsonSerializer.Deserialize(data, WireJson.Default.VmEvent) : null;
        }
        catch (JsonException)
        {
            throw new ClientException(ExitCode.Failure, "Not understood", "The server sent an event that this client cannot read.",
                "Use a client of the same major version as the server.");
        }
    }
}
