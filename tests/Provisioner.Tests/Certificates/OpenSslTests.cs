using System.ComponentModel;
using System.Diagnostics;

namespace Provisioner.Tests.Certificates;

/// <summary>What another implementation, and the strictest switch it has, says about our certificates.</summary>
public sealed class OpenSslTests : IDisposable
{
    private readonly CertGeneratorFixture program = new();

    public void Dispose() => program.Dispose();

    [Theory(Timeout = 60_000)]
    [InlineData("sslserver", "cert.pem", "-verify_hostname", "vm1.example.com")]
    [InlineData("sslserver", "cert.pem", "-verify_ip", "10.0.0.5")]
    [InlineData("sslclient", "ci.pem", "-verify_depth", "1")]
    public async Task OpenSsl_accepts_what_we_make(string purpose, string file, string check, string value)
    {
        await program.MakeAsync("--host", "vm1.example.com,10.0.0.5", "--org", "acme");
        await program.MakeAsync("client", "ci");

        // It knows no other clock than the machine's.
        var now = program.Time.GetUtcNow().ToUnixTimeSeconds().ToString(provider: null);
        var (code, output) = await RunOpenSslAsync(
            "verify", "-x509_strict", "-attime", now, "-CAfile", program.PathOf("ca.pem"), "-purpose", purpose, check, value, program.PathOf(file));

        Assert.True(code == 0, output);
    }

    [Fact(Timeout = 60_000)]
    public async Task OpenSsl_refuses_the_server_certificate_without_the_authority_and_for_clients()
    {
        await program.MakeAsync("--host", "localhost");
        var now = program.Time.GetUtcNow().ToUnixTimeSeconds().ToString(provider: null);

        var (alone, _) = await RunOpenSslAsync("verify", "-attime", now, "-no-CAfile", "-no-CApath", program.PathOf("cert.pem"));
        var (asClient, _) = await RunOpenSslAsync(
            "verify", "-attime", now, "-CAfile", program.PathOf("ca.pem"), "-purpose", "sslclient", program.PathOf("cert.pem"));

        Assert.NotEqual(0, alone);
        Assert.NotEqual(0, asClient);
    }

    private static async Task<(int Code, string Output)> RunOpenSslAsync(params string[] args)
    {
        ProcessStartInfo start = new("openssl", args) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, await output + await error);
        }
        catch (Win32Exception)
        {
            Assert.Skip("There is no openssl on this machine: apt-get install openssl.");
            throw;
        }
    }
}
