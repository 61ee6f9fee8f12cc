using Provisioner.Client;
using Provisioner.Client.Api;
using Provisioner.Tests.Client.Fakes;

namespace Provisioner.Tests.Client;

public sealed class TrustTests : IDisposable
{
    private readonly TestCertificate _authority = new();
    private readonly TestCertificate _other = new("Other authority");

    public void Dispose()
    {
        _authority.Dispose();
        _other.Dispose();
    }

    [Fact(Timeout = 20_000)]
    public async Task A_server_of_the_given_authority_is_trusted()
    {
        await using var server = await ScriptedServer.StartAsync(_authority.Sign());

        await AssertTrustedAsync(server, _authority.AuthorityPem);
    }

    [Fact(Timeout = 20_000)]
    public async Task An_authority_may_be_given_in_base64()
    {
        await using var server = await ScriptedServer.StartAsync(_authority.Sign());

        await AssertTrustedAsync(server, Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(_authority.AuthorityPem)));
    }

    [Fact(Timeout = 20_000)]
    public async Task The_servers_own_certificate_is_trusted_when_given()
    {
        using var leaf = _authority.Sign();
        await using var server = await ScriptedServer.StartAsync(leaf);

        await AssertTrustedAsync(server, leaf.ExportCertificatePem());
    }

    [Fact(Timeout = 20_000)]
    public async Task A_self_signed_certificate_is_trusted_when_given()
    {
        using var leaf = TestCertificate.SelfSigned();
        await using var server = await ScriptedServer.StartAsync(leaf);

        await AssertTrustedAsync(server, leaf.ExportCertificatePem());
    }

    [Fact(Timeout = 20_000)]
    public async Task A_pinned_certificate_needs_nothing_else()
    {
        using var leaf = _authority.Sign("elsewhere.example.org");
        await using var server = await ScriptedServer.StartAsync(leaf);

        await AssertTrustedAsync(server, "", ServerTrust.FingerprintOf(leaf));
    }

    [Fact(Timeout = 20_000)]
    public async Task Another_authority_is_not_trusted()
    {
        await using var server = await ScriptedServer.StartAsync(_authority.Sign());

        await AssertRefusedAsync(server, _other.AuthorityPem, "does not come from the authority given");
    }

    [Fact(Timeout = 20_000)]
    public async Task A_private_authority_is_not_trusted_by_itself()
    {
        await using var server = await ScriptedServer.StartAsync(_authority.Sign());

        await AssertRefusedAsync(server, "", "which this system does not trust");
    }

    [Fact(Timeout = 20_000)]
    public async Task An_expired_certificate_is_refused_with_its_date()
    {
        await using var server = await ScriptedServer.StartAsync(_authority.Sign(validFromDay: -10, validToDay: -1));

        await AssertRefusedAsync(server, _authority.AuthorityPem, "expired on 2");
    }

    [Fact(Timeout = 20_000)]
    public async Task An_expired_certificate_is_refused_even_if_it_was_given()
    {
        using var leaf = _authority.Sign(validFromDay: -10, validToDay: -1);
        await using var server = await ScriptedServer.StartAsync(leaf);

        await AssertRefusedAsync(server, leaf.ExportCertificatePem(), "expired on 2");
    }

    [Fact(Timeout = 20_000)]
    public async Task A_certificate_of_the_future_is_refused()
    {
        await using var server = await ScriptedServer.StartAsync(_authority.Sign(validFromDay: 1));

        await AssertRefusedAsync(server, _authority.AuthorityPem, "valid only from");
    }

    [Fact(Timeout = 20_000)]
    public async Task A_certificate_for_another_name_is_refused_with_its_names()
    {
        await using var server = await ScriptedServer.StartAsync(_authority.Sign("elsewhere.example.org"));

        await AssertRefusedAsync(server, _authority.AuthorityPem, "for elsewhere.example.org, not for 'localhost'");
    }

    [Fact(Timeout = 20_000)]
    public async Task The_name_counts_even_if_the_certificate_itself_was_given()
    {
        using var leaf = TestCertificate.SelfSigned("elsewhere.example.org");
        await using var server = await ScriptedServer.StartAsync(leaf);

        await AssertRefusedAsync(server, leaf.ExportCertificatePem(), "not for 'localhost'");
    }

    [Fact(Timeout = 20_000)]
    public async Task Another_certificate_than_the_pinned_one_is_refused()
    {
        using var leaf = _authority.Sign();
        using var renewed = _authority.Sign();
        await using var server = await ScriptedServer.StartAsync(renewed);

        await AssertRefusedAsync(server, "", $"shows the certificate {ServerTrust.FingerprintOf(renewed)}, which is not the one expected", ServerTrust.FingerprintOf(leaf));
    }

    [Fact(Timeout = 20_000)]
    public async Task A_pin_does_not_replace_an_authority_that_is_given_too()
    {
        using var leaf = _authority.Sign();
        await using var server = await ScriptedServer.StartAsync(leaf);

        await AssertRefusedAsync(server, _other.AuthorityPem, "does not come from the authority given", ServerTrust.FingerprintOf(leaf));
    }

    [Fact(Timeout = 20_000)]
    public async Task A_port_without_tls_is_told_as_such()
    {
        await using var server = await ScriptedServer.StartWithoutTlsAsync();

        await AssertRefusedAsync(server, "", "not with TLS");
    }

    private static async Task AssertTrustedAsync(ScriptedServer server, string certificates, string pin = "")
    {
        using var step = Delete(server, certificates, pin);
        server.On($"DELETE /v1/vms/{Answers.Id}", Answers.Status(204));

        Assert.True(await step.RunAsync() == ExitCode.Ok, step.Log);
    }

    private static async Task AssertRefusedAsync(ScriptedServer server, string certificates, string told, string pin = "")
    {
        using var step = Delete(server, certificates, pin);

        Assert.Equal(ExitCode.Unreachable, await step.RunAsync());
        Assert.Contains(told, step.Log, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    private static StepRun Delete(ScriptedServer server, string certificates, string pin) =>
        new(server, certificates, ("mode", "delete"), ("server", $"https://localhost:{server.Address.Port}"), ("server-fingerprint", pin));
}
