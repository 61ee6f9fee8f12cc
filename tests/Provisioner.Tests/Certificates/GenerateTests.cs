using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Provisioner.Tests.Certificates;

public sealed class GenerateTests : IDisposable
{
    private const string ServerPurpose = "1.3.6.1.5.5.7.3.1";
    private const string ClientPurpose = "1.3.6.1.5.5.7.3.2";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly CertGeneratorFixture program = new();

    public void Dispose() => program.Dispose();

    [Theory(Timeout = 30_000)]
    [InlineData("-host", "-org")]
    [InlineData("--host", "--org")]
    public async Task One_call_makes_an_authority_and_a_server_certificate(string host, string org)
    {
        await program.MakeAsync(host, "localhost,127.0.0.1,::1,*.example.com", org, "acme");

        Assert.Equal(["ca-key.pem", "ca.pem", "cert.pem", "key.pem"], program.Files());
        using var server = program.Load("cert.pem");
        Assert.True(server.MatchesHostname("localhost"));
        Assert.True(server.MatchesHostname("127.0.0.1"));
        Assert.True(server.MatchesHostname("::1"));
        Assert.True(server.MatchesHostname("vm1.example.com"));
        Assert.False(server.MatchesHostname("example.com"));
        Assert.Equal("CN=localhost, O=acme", string.Join(", ", server.Subject.Split(", ").Order()));
        Assert.Equal(TimeSpan.FromDays(398), server.NotAfter - server.NotBefore);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_client_that_trusts_the_authority_trusts_the_server_and_only_as_a_server()
    {
        await program.MakeAsync("--host", "localhost");
        using var root = program.Load("ca.pem");
        using var server = program.Load("cert.pem");

        Assert.True(program.IsTrusted(server, root, ServerPurpose));
        Assert.False(program.IsTrusted(server, root, ClientPurpose));
        program.Time.Advance(TimeSpan.FromDays(399));
        Assert.False(program.IsTrusted(server, root, ServerPurpose));
    }

    [Fact(Timeout = 30_000)]
    public async Task The_authority_signs_certificates_and_no_other_authorities()
    {
        await program.MakeAsync("--host", "localhost", "--org", "acme");
        using var root = program.Load("ca.pem");

        var constraints = root.Extensions.OfType<X509BasicConstraintsExtension>().Single();
        Assert.True(constraints is { CertificateAuthority: true, HasPathLengthConstraint: true, PathLengthConstraint: 0, Critical: true });
        var usage = root.Extensions.OfType<X509KeyUsageExtension>().Single();
        Assert.Equal(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, usage.KeyUsages);
        Assert.Equal(ECCurve.NamedCurves.nistP256.Oid.Value, root.GetECDsaPublicKey()!.ExportParameters(false).Curve.Oid.Value);
    }

    [Fact(Timeout = 30_000)]
    public async Task The_server_presents_its_certificate_and_the_authority_and_its_key_fits()
    {
        await program.MakeAsync("--host", "localhost");

        using var server = X509Certificate2.CreateFromPemFile(program.PathOf("cert.pem"), program.PathOf("key.pem"));
        X509Certificate2Collection presented = [];
        presented.ImportFromPemFile(program.PathOf("cert.pem"));

        Assert.True(server.HasPrivateKey);
        Assert.Equal(2, presented.Count);
        Assert.Equal(File.ReadAllText(program.PathOf("ca.pem")), presented[1].ExportCertificatePem() + '\n');
    }

    [Fact(Timeout = 30_000)]
    public async Task Private_keys_are_for_their_owner_only()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes: the folder's access list rules there.");

        await program.MakeAsync("--host", "localhost");
        await program.MakeAsync("client", "ci");

        string[] keys = ["ca-key.pem", "key.pem", "ci-key.pem"];
        Assert.All(keys, key => Assert.Equal(OwnerOnly, ModeOf(key)));
    }

    [Theory(Timeout = 30_000)]
    [InlineData("ca.pem")]
    [InlineData("ca-key.pem")]
    [InlineData("cert.pem")]
    [InlineData("key.pem")]
    public async Task Nothing_that_exists_is_replaced_and_nothing_is_half_made(string file)
    {
        await File.WriteAllTextAsync(program.PathOf(file), "precious", TestContext.Current.CancellationToken);

        var code = await program.RunAsync("--host", "localhost", "--out", program.Folder);

        Assert.Equal(1, code);
        Assert.Contains(program.PathOf(file), program.Error, StringComparison.Ordinal);
        Assert.Equal([file], program.Files());
        Assert.Equal("precious", await File.ReadAllTextAsync(program.PathOf(file), TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = 30_000)]
    public async Task Force_replaces_and_keeps_the_old_with_the_right_mode()
    {
        await program.MakeAsync("--host", "localhost");
        var old = await File.ReadAllTextAsync(program.PathOf("key.pem"), TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program.PathOf("key.pem"), OwnerOnly | UnixFileMode.OtherRead);
        }

        await program.MakeAsync("--host", "localhost", "--force");

        Assert.Equal(old, await File.ReadAllTextAsync(program.PathOf("key.pem.bak"), TestContext.Current.CancellationToken));
        Assert.NotEqual(old, await File.ReadAllTextAsync(program.PathOf("key.pem"), TestContext.Current.CancellationToken));
        Assert.Equal([OwnerOnly, OwnerOnly], [ModeOf("key.pem"), ModeOf("key.pem.bak")]);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_fails_half_way_is_undone(bool force)
    {
        // The last file cannot take its place: a folder has it.
        Directory.CreateDirectory(program.PathOf("cert.pem"));
        string[] before = force ? ["ca-key.pem", "ca.pem", "key.pem"] : [];
        foreach (var file in before)
        {
            await File.WriteAllTextAsync(program.PathOf(file), "precious", TestContext.Current.CancellationToken);
        }

        string[] options = force ? ["--force"] : [];
        var code = await program.RunAsync(["--host", "localhost", "--out", program.Folder, .. options]);

        Assert.Equal(1, code);
        Assert.Equal(before, program.Files());
        Assert.All(before, file => Assert.Equal("precious", File.ReadAllText(program.PathOf(file))));
    }

    [Fact(Timeout = 30_000)]
    public async Task A_folder_that_cannot_be_written_to_is_a_failure_in_one_line()
    {
        await File.WriteAllTextAsync(program.PathOf("file"), "", TestContext.Current.CancellationToken);

        var code = await program.RunAsync("--host", "localhost", "--out", program.PathOf("file"));

        Assert.Equal(1, code);
        Assert.Single(program.Error.TrimEnd().Split('\n'));
        Assert.DoesNotContain("   at ", program.Error, StringComparison.Ordinal);
    }

    [Fact(Timeout = 30_000)]
    public async Task What_was_made_is_told_with_its_use_and_end_and_no_secret()
    {
        await program.MakeAsync("--host", "vm1.example.com", "--days", "30");

        Assert.Contains("2027-01-31  virtualbox-server --cert-file cert.pem", program.Output, StringComparison.Ordinal);
        Assert.Contains("cert-generator renew", program.Output, StringComparison.Ordinal);
        var key = (await File.ReadAllLinesAsync(program.PathOf("key.pem"), TestContext.Current.CancellationToken))[1];
        Assert.DoesNotContain(key, program.Output, StringComparison.Ordinal);
    }

    private UnixFileMode ModeOf(string file) => OperatingSystem.IsWindows() ? OwnerOnly : File.GetUnixFileMode(program.PathOf(file));
}
