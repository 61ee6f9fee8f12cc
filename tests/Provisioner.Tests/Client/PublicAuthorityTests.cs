using Provisioner.Client;
using Provisioner.Tests.Client.Fakes;
using Provisioner.Tests.Programs;

namespace Provisioner.Tests.Client;

/// <summary>Somebody in between has a certificate for the server's name, of an authority that the whole system trusts: the client that was told whom to trust is not fooled (threat T13).</summary>
public sealed class PublicAuthorityTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("public-authority").FullName;
    private readonly TestCertificate _public = new("Everybody trusts me");
    private readonly TestCertificate _own = new();

    public void Dispose()
    {
        _public.Dispose();
        _own.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact(Timeout = 60_000)]
    public async Task Who_was_given_an_authority_or_a_fingerprint_trusts_no_public_one()
    {
        await using var between = await ScriptedServer.StartAsync(_public.Sign());
        between.On("GET /v1/vms", Answers.Are());
        using var real = _own.Sign();

        // The system's authorities count where nothing else was said: so this one does.
        Assert.Equal((int)ExitCode.Ok, await ListAsync(between));
        Assert.Single(between.Requests);

        Assert.Equal((int)ExitCode.Unreachable, await ListAsync(between, ("VBDP_CA", Write("own.pem", _own.AuthorityPem))));
        Assert.Equal((int)ExitCode.Unreachable, await ListAsync(between, ("VBDP_CA", Write("cert.pem", real.ExportCertificatePem()))));
        Assert.Equal((int)ExitCode.Unreachable, await ListAsync(between, ("VBDP_FINGERPRINT", Provisioner.Client.Api.ServerTrust.FingerprintOf(real))));
        Assert.Single(between.Requests); // and none of them has heard a token
    }

    private async Task<int> ListAsync(ScriptedServer server, params (string Name, string Value)[] trust)
    {
        var environment = trust.ToDictionary(variable => variable.Name, variable => variable.Value);
        (environment["VBDP_SERVER"], environment["VBDP_TOKEN"]) = (server.Address.ToString(), "vbdp_a_b");
        (environment["SSL_CERT_FILE"], environment["SSL_CERT_DIR"]) = (Write("system.pem", _public.AuthorityPem), _folder);
        using var program = ProductProgram.Start("virtualbox-client", environment, "list");
        return await program.ExitAsync();
    }

    private string Write(string name, string text)
    {
        var file = Path.Combine(_folder, name);
        File.WriteAllText(file, text);
        return file;
    }
}
