using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using Provisioner.Server.Access;

namespace Provisioner.Tests.Access;

/// <summary>Keys change, issuers fail, and strangers ask for keys that there are not.</summary>
public sealed class IssuerKeysTests : IAsyncLifetime
{
    private const string Discovery = "/.well-known/openid-configuration";
    private const string Jwks = "/.well-known/jwks";

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly FakeLogCollector _logs = new();
    private TestIssuer _issuer = null!;
    private IssuerKeys _keys = null!;

    public async ValueTask InitializeAsync()
    {
        _issuer = await TestIssuer.StartAsync();
        _keys = new IssuerKeys(new IssuerDocuments(_issuer.Url), _time, new FakeLogger<IssuerKeys>(_logs));
    }

    public async ValueTask DisposeAsync()
    {
        _keys.Dispose();
        await _issuer.DisposeAsync();
    }

    [Fact(Timeout = 30_000)]
    public async Task Keys_are_read_once_and_again_after_an_hour()
    {
        Assert.True(await KnowsAsync(TestIssuer.KeyId));
        Assert.True(await KnowsAsync(TestIssuer.KeyId));
        Assert.Equal([Discovery, Jwks], _issuer.Asked);

        _time.Advance(TimeSpan.FromMinutes(61));

        Assert.True(await KnowsAsync(TestIssuer.KeyId));
        Assert.Equal(4, _issuer.Asked.Count);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_new_key_is_known_at_once_and_a_withdrawn_one_is_not_known_after_an_hour()
    {
        using var next = RSA.Create(2048);
        await KnowsAsync(TestIssuer.KeyId);
        _issuer.Keys["key-2"] = next;
        _time.Advance(TimeSpan.FromSeconds(60));

        Assert.True(await KnowsAsync("key-2"));

        _issuer.Keys.TryRemove(TestIssuer.KeyId, out _);
        Assert.True(await KnowsAsync(TestIssuer.KeyId));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.False(await KnowsAsync(TestIssuer.KeyId));
    }

    [Fact(Timeout = 30_000)]
    public async Task Strangers_who_name_unknown_keys_make_the_server_ask_once_a_minute_at_most()
    {
        await KnowsAsync(TestIssuer.KeyId);
        _time.Advance(TimeSpan.FromSeconds(60));
        var before = _issuer.Asked.Count;

        var found = await Task.WhenAll(Enumerable.Range(0, 500).Select(number => KnowsAsync($"made-up-{number}")));
        Assert.DoesNotContain(true, found);
        Assert.Equal(before + 2, _issuer.Asked.Count);

        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(await KnowsAsync("made-up"));
        Assert.Equal(before + 2, _issuer.Asked.Count);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await KnowsAsync("made-up"));
        Assert.Equal(before + 4, _issuer.Asked.Count);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("down")]
    [InlineData("redirect")]
    [InlineData("large")]
    [InlineData("garbage")]
    [InlineData("empty")]
    [InlineData("other-issuer")]
    [InlineData("other-host")]
    public async Task While_the_issuer_fails_the_last_keys_count_for_a_day(string fault)
    {
        Assert.True(await KnowsAsync(TestIssuer.KeyId));
        Break(fault);

        _time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.True(await KnowsAsync(TestIssuer.KeyId));
        Assert.Contains(_logs.GetSnapshot(), record => record.Level == LogLevel.Warning);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await KnowsAsync(TestIssuer.KeyId));

        _issuer.Instead.Clear();
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.True(await KnowsAsync(TestIssuer.KeyId));
    }

    [Fact(Timeout = 30_000)]
    public async Task An_issuer_that_does_not_answer_is_waited_for_for_five_seconds()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _issuer.Instead[Jwks] = async context =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        };

        var waiting = KnowsAsync(TestIssuer.KeyId);
        await asked.Task;
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.False(await waiting);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(1024)]
    [InlineData(16384)]
    public async Task A_key_that_is_too_small_or_too_large_is_none(int bits)
    {
        var modulus = Convert.ToBase64String(new byte[bits / 8].Select(_ => (byte)0xAB).ToArray()).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        _issuer.Instead[Jwks] = context => context.Response.WriteAsync($$"""{"keys":[{"kty":"RSA","kid":"key-1","n":"{{modulus}}","e":"AQAB"}]}""");

        Assert.False(await KnowsAsync(TestIssuer.KeyId));
    }

    [Fact(Timeout = 30_000)]
    public async Task An_issuer_that_fails_is_told_from_one_that_has_no_such_key()
    {
        Assert.False(await KnowsAsync("made-up"));
        Assert.Null(_keys.Silence);

        Break("down");
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.False(await KnowsAsync("made-up"));
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(TimeSpan.FromSeconds(40), _keys.Silence);
        Assert.True(await KnowsAsync(TestIssuer.KeyId));

        _issuer.Instead.Clear();
        _time.Advance(TimeSpan.FromSeconds(40));
        Assert.False(await KnowsAsync("made-up"));
        Assert.Null(_keys.Silence);
    }

    private async Task<bool> KnowsAsync(string id) => await _keys.FindAsync(id, TestContext.Current.CancellationToken) is not null;

    private void Break(string fault)
    {
        var path = fault.StartsWith("other", StringComparison.Ordinal) ? Discovery : Jwks;
        _issuer.Instead[path] = fault switch
        {
            "down" => Answer(503, ""),
            "redirect" => Redirect($"{_issuer.Url}/moved"),
            "large" => Answer(200, new string(' ', (1024 * 1024) + 1) + "{}"),
            "garbage" => Answer(200, "<html>"),
            "empty" => Answer(200, """{"keys":[]}"""),
            "other-issuer" => Answer(200, $$"""{"issuer":"{{_issuer.Url}}/","jwks_uri":"{{_issuer.Url}}/.well-known/jwks"}"""),
            _ => Answer(200, $$"""{"issuer":"{{_issuer.Url}}","jwks_uri":"http://localhost:9/jwks"}"""),
        };
    }

    private static RequestDelegate Redirect(string address) => context =>
    {
        context.Response.Redirect(address);
        return Task.CompletedTask;
    };

    private static RequestDelegate Answer(int status, string body) => context =>
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(body);
    };
}
