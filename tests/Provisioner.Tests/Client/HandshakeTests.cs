using Provisioner.Client;
using Provisioner.Client.Api;
using Provisioner.Tests.CancelledSteps;
using Provisioner.Tests.Client.Fakes;

namespace Provisioner.Tests.Client;

public sealed class HandshakeTests : IAsyncLifetime
{
    private readonly TestCertificate _authority = new();
    private ScriptedServer _server = null!;

    public async ValueTask InitializeAsync() =>
        _server = (await ScriptedServer.StartAsync(_authority.Sign())).On("GET /v1/vms", Answers.Are(Answers.Vm()));

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _authority.Dispose();
    }

    [Fact(Timeout = 60_000)]
    public async Task One_that_is_cut_off_may_succeed_the_next_time()
    {
        await using var wire = new Wire(_server.Address.Port, record => record is { Connection: 1, FromServer: true } ? WireDeed.Cut : WireDeed.Pass);
        using var api = Open(wire);

        var error = await Assert.ThrowsAsync<ClientException>(() => api.ListAsync(TestContext.Current.CancellationToken));

        Assert.Contains("broke in the TLS handshake", error.Cause, StringComparison.Ordinal);
        Assert.True(error is { Transient: true, Unsent: true, ExitCode: ExitCode.Unreachable });
        Assert.Single(await api.ListAsync(TestContext.Current.CancellationToken));
    }

    // The limit for a connection is one of the HTTP client, which knows no clock but the real one.
    [Fact(Timeout = 60_000)]
    public async Task One_that_never_ends_is_told_with_the_cause()
    {
        await using var wire = new Wire(_server.Address.Port, record => record.FromServer ? WireDeed.Hold : WireDeed.Pass);
        using var api = Open(wire);

        var error = await Assert.ThrowsAsync<ClientException>(() => api.ListAsync(TestContext.Current.CancellationToken));

        Assert.Contains("came about within 10 s", error.Cause, StringComparison.Ordinal);
        Assert.True(error is { Transient: true, Unsent: true, ExitCode: ExitCode.Unreachable });
    }

    private VmApi Open(Wire wire)
    {
        Assert.True(ServerTrust.TryReadCertificates(_authority.AuthorityPem, out var anchors));
        return new VmApi(new ServerConnection(new Uri($"https://localhost:{wire.Port}"), new ServerTrust(anchors, null), "vbdp_a_b"), TimeProvider.System);
    }
}
