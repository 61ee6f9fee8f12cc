using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Provisioner.Server.Access;

namespace Provisioner.Server.Dashboard;

/// <summary>
/// Who has signed in by a browser. The browser holds a random name only, in a cookie that no script reads; the token behind it is asked for with each request, so that a
/// revocation counts at once. A restart ends all sessions.
/// </summary>
internal sealed class DashboardSessions(TimeProvider time)
{
    public const string Cookie = "__Host-vbdp";
    private const int Most = 1000;

    public static readonly TimeSpan Life = TimeSpan.FromHours(12);

    private readonly ConcurrentDictionary<string, (ApiToken Token, long Since)> _sessions = new();

    public string Open(ApiToken token)
    {
        foreach (var (old, _) in _sessions.Where(session => IsOver(session.Value.Since)).Concat(_sessions.OrderBy(session => session.Value.Since).SkipLast(Most - 1)))
        {
            _sessions.TryRemove(old, out _);
        }

        var name = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        _sessions[name] = (token, time.GetTimestamp());
        return name;
    }

    public ApiToken? Find(string? name) => name is not null && _sessions.TryGetValue(name, out var session) && !IsOver(session.Since) ? session.Token : null;

    public void Close(string? name) => _sessions.TryRemove(name ?? "", out _);

    private bool IsOver(long since) => time.GetElapsedTime(since) > Life;
}
