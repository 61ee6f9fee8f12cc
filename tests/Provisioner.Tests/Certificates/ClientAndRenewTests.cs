using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Provisioner.Certificates;

namespace Provisioner.Tests.Certificates;

public sealed class ClientAndRenewTests : IDisposable
{
    private const string ServerPurpose = "1.3.6.1.5.5.7.3.1";
    private const string ClientPurpose = "1.3.6.1.5.5.7.3.2";

    private readonly CertGeneratorFixture program = new();

    public void Dispose() => program.Dispose();

    [Fact(Timeout = 30_000)]
    public async Task A_client_certificate_is_signed_by_the_authority_for_clients_only()
    {
        await program.MakeAsync("--host", "localhost", "--org", "acme");
        await program.MakeAsync("client", "build-farm.1");

        using var root = program.Load("ca.pem");
        using var client = X509Certificate2.CreateFromPemFile(program.PathOf("build-farm.1.pem"), program.PathOf("build-farm.1-key.pem"));
        Assert.Equal("build-farm.1", client.GetNameInfo(X509NameType.SimpleName, forIssuer: false));
        Assert.True(program.IsTrusted(client, root, ClientPurpose));
        Assert.False(program.IsTrusted(client, root, ServerPurpose));
    }

    [Theory(Timeout = 30_000)]
    [InlineData("../x")]
    [InlineData("a b")]
    [InlineData("-x")]
    [InlineData("ca")]
    [InlineData("")]
    public async Task A_client_name_that_is_no_file_name_or_ours_is_a_wrong_call(string name)
    {
        await program.MakeAsync("--host", "localhost");

        Assert.Equal(2, await program.RunAsync("client", name, "--out", program.Folder));
        Assert.Equal(4, program.Files().Length);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_client_certificate_is_not_replaced_without_force()
    {
        await program.MakeAsync("--host", "localhost");
        await program.MakeAsync("client", "ci");

        Assert.Equal(1, await program.RunAsync("client", "ci", "--out", program.Folder));
        await program.MakeAsync("client", "ci", "--force");
    }

    [Fact(Timeout = 30_000)]
    public async Task Renewing_keeps_names_key_and_trust_and_keeps_the_old_certificate()
    {
        await program.MakeAsync("--host", "vm1.example.com,10.0.0.5", "--org", "acme");
        using var root = program.Load("ca.pem");
        using var old = program.Load("cert.pem");
        var key = File.ReadAllText(program.PathOf("key.pem"));
        program.Time.Advance(TimeSpan.FromDays(300));

        await program.MakeAsync("renew");

        using var renewed = X509Certificate2.CreateFromPemFile(program.PathOf("cert.pem"), program.PathOf("key.pem"));
        using var kept = program.Load("cert.pem.bak");
        Assert.Equal(old.HostNames, renewed.HostNames);
        Assert.Equal(old.Subject, renewed.Subject);
        Assert.Equal(old.NotAfter.AddDays(300), renewed.NotAfter);
        Assert.NotEqual(old.SerialNumber, renewed.SerialNumber);
        Assert.Equal(old.Thumbprint, kept.Thumbprint);
        Assert.Equal(key, File.ReadAllText(program.PathOf("key.pem")));
        Assert.True(program.IsTrusted(renewed, root, ServerPurpose));
    }

    [Fact(Timeout = 30_000)]
    public async Task Renewing_can_change_names_and_key()
    {
        await program.MakeAsync("--host", "old.example.com");
        var key = File.ReadAllText(program.PathOf("key.pem"));

        await program.MakeAsync("renew", "-host", "new.example.com", "--new-key");

        using var renewed = X509Certificate2.CreateFromPemFile(program.PathOf("cert.pem"), program.PathOf("key.pem"));
        Assert.Equal(["new.example.com"], renewed.HostNames);
        Assert.Equal(key, File.ReadAllText(program.PathOf("key.pem.bak")));
        Assert.NotEqual(key, File.ReadAllText(program.PathOf("key.pem")));
    }

    [Fact(Timeout = 30_000)]
    public async Task A_key_that_cannot_be_kept_is_refused_until_a_new_one_is_asked_for()
    {
        await program.MakeAsync("--host", "localhost");
        using var rsa = RSA.Create(2048);
        File.WriteAllText(program.PathOf("key.pem"), rsa.ExportPkcs8PrivateKeyPem());

        Assert.Equal(1, await program.RunAsync("renew", "--out", program.Folder));
        Assert.Contains("--new-key", program.Error, StringComparison.Ordinal);
        await program.MakeAsync("renew", "--new-key");
    }

    [Fact(Timeout = 30_000)]
    public async Task An_authority_signs_for_a_second_host_in_a_folder_of_its_own()
    {
        await program.MakeAsync("--host", "vm1.example.com", "--org", "acme");
        File.Delete(program.PathOf("cert.pem"));
        File.Delete(program.PathOf("key.pem"));

        await program.MakeAsync("renew", "--host", "vm2.example.com");

        Assert.Equal(["ca-key.pem", "ca.pem", "cert.pem", "key.pem"], program.Files());
        using var second = X509Certificate2.CreateFromPemFile(program.PathOf("cert.pem"), program.PathOf("key.pem"));
        Assert.Equal(["vm2.example.com"], second.HostNames);
    }

    [Fact(Timeout = 30_000)]
    public async Task Without_the_authority_nothing_is_renewed()
    {
        await program.MakeAsync("--host", "localhost");
        var before = File.ReadAllText(program.PathOf("cert.pem"));
        File.Delete(program.PathOf("ca-key.pem"));

        Assert.Equal(1, await program.RunAsync("renew", "--out", program.Folder));

        Assert.Contains("ca-key.pem", program.Error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(program.PathOf("cert.pem")));
        Assert.Equal(["ca.pem", "cert.pem", "key.pem"], program.Files());
    }

    [Fact(Timeout = 30_000)]
    public async Task The_key_of_another_authority_is_refused()
    {
        await program.MakeAsync("--host", "localhost");
        File.Copy(program.PathOf("key.pem"), program.PathOf("ca-key.pem"), overwrite: true);

        Assert.Equal(1, await program.RunAsync("renew", "--out", program.Folder));
        Assert.Contains("do not belong together", program.Error, StringComparison.Ordinal);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_certificate_does_not_outlive_its_authority()
    {
        await program.MakeAsync("--host", "localhost");
        using var root = program.Load("ca.pem");
        program.Time.Advance(TimeSpan.FromDays(3600));

        await program.MakeAsync("renew");
        using var renewed = program.Load("cert.pem");
        Assert.Equal(root.NotAfter, renewed.NotAfter);

        program.Time.Advance(TimeSpan.FromDays(60));
        Assert.Equal(1, await program.RunAsync("renew", "--out", program.Folder));
        Assert.Contains("expired", program.Error, StringComparison.Ordinal);
    }
}
