using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Provisioner.Tests.Certificates;

public sealed class InspectTests : IDisposable
{
    private readonly CertGeneratorFixture program = new();

    public void Dispose() => program.Dispose();

    [Fact(Timeout = 30_000)]
    public async Task Inspect_shows_what_matters_of_each_certificate_in_the_file()
    {
        await program.MakeAsync("--host", "vm1.example.com,10.0.0.5", "--org", "acme");

        Assert.Equal(0, await program.RunAsync("inspect", program.PathOf("cert.pem")));

        Assert.Contains("Names      vm1.example.com, 10.0.0.5\n", program.Output, StringComparison.Ordinal);
        Assert.Contains("Role       server\n", program.Output, StringComparison.Ordinal);
        Assert.Contains("Role       authority (path length 0)\n", program.Output, StringComparison.Ordinal);
        Assert.Contains("Days left  397\n", program.Output, StringComparison.Ordinal);
    }

    [Fact(Timeout = 30_000)]
    public async Task The_exit_code_says_whether_it_is_time_to_renew()
    {
        await program.MakeAsync("--host", "localhost");
        var file = program.PathOf("cert.pem");

        Assert.Equal(0, await program.RunAsync("inspect", file, "--within", "30"));
        program.Time.Advance(TimeSpan.FromDays(370));
        Assert.Equal(1, await program.RunAsync("inspect", file, "--within", "30"));
        Assert.Equal(0, await program.RunAsync("inspect", file));
        program.Time.Advance(TimeSpan.FromDays(30));
        Assert.Equal(1, await program.RunAsync("inspect", file));
        Assert.Contains("expired", program.Output, StringComparison.Ordinal);
    }

    [Fact(Timeout = 30_000)]
    public async Task The_certificate_of_the_original_can_be_inspected_and_cannot_steer_the_terminal()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("O=\"a\u001b[2Jcme\"", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority());
        using var certificate = request.CreateSelfSigned(program.Time.GetUtcNow(), program.Time.GetUtcNow().AddDays(365));
        await File.WriteAllTextAsync(program.PathOf("seed.pem"), certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);

        Assert.Equal(0, await program.RunAsync("inspect", program.PathOf("seed.pem")));

        Assert.Contains("Issuer     itself\n", program.Output, StringComparison.Ordinal);
        Assert.Contains("Names      none\n", program.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', program.Output);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("missing.pem", 1)]
    [InlineData("key.pem", 1)]
    public async Task A_file_without_a_certificate_is_a_failure_in_one_line(string file, int expected)
    {
        await program.MakeAsync("--host", "localhost");

        Assert.Equal(expected, await program.RunAsync("inspect", program.PathOf(file)));
        Assert.Single(program.Error.TrimEnd().Split('\n'));
    }

    [Theory(Timeout = 30_000)]
    [InlineData()]
    [InlineData("inspect")]
    [InlineData("bogus")]
    [InlineData("--host", "a b")]
    [InlineData("--host", "a", "--days", "0")]
    [InlineData("--host", "a", "--days", "9999")]
    [InlineData("--host", "a", "--org", "a\nb")]
    public async Task A_wrong_call_exits_with_2_and_makes_nothing(params string[] args)
    {
        Assert.Equal(2, await program.RunAsync([.. args, "--out", program.Folder]));
        Assert.Empty(program.Files());
        Assert.NotEmpty(program.Error);
    }
}
