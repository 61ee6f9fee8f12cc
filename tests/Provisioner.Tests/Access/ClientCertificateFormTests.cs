using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Provisioner.Certificates;
using Provisioner.Server.Access;
using Provisioner.Server.Configuration;
using Provisioner.Server.Tls;

namespace Provisioner.Tests.Access;

/// <summary>What is said of each certificate that does not count, without TLS in between: OpenSSL would refuse some of them on its own.</summary>
public sealed class ClientCertificateFormTests : IDisposable
{
    private static readonly Dictionary<string, string> Problems = new()
    {
        ["another authority of the same name"] = "UntrustedRoot|PartialChain|NotSignatureValid",
        ["self-signed"] = "UntrustedRoot",
        ["expired"] = "NotTimeValid",
        ["not yet valid"] = "NotTimeValid",
        ["for servers"] = "it is not made for clients (extended key usage clientAuth)",
        ["for any purpose"] = "it is not made for clients (extended key usage clientAuth)",
        ["for no purpose that is named"] = "it is not made for clients (extended key usage clientAuth)",
        ["an authority as a client"] = "it is an authority's, and no client's",
        ["the authority itself"] = "it is an authority's, and no client's",
        ["revoked"] = "it is revoked",
        ["signed with SHA-1"] = "its signature is not RSA or ECDSA with SHA-256 or longer",
        ["RSA with 1024 bits"] = "its key is not RSA with 2048 to 8192 bits, nor on P-256, P-384 or P-521",
        ["a short curve"] = "its key is not RSA with 2048 to 8192 bits, nor on P-256, P-384 or P-521",
        ["a key that may not sign"] = "its key is not made for signing",
        ["a chain of 2"] = "PartialChain",
        ["a chain of 10"] = "PartialChain",
    };

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2027, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly string _folder = Directory.CreateTempSubdirectory("form").FullName;
    private readonly ClientCertificateForge _forge;
    private readonly ClientCertificates _certificates;

    public ClientCertificateFormTests()
    {
        _forge = new ClientCertificateForge(_time.GetUtcNow());
        var options = new ClientCertificateOptions { CaFile = Path.Combine(_folder, "ca.pem"), RevokedFile = Path.Combine(_folder, "revoked.txt") };
        File.WriteAllText(options.CaFile, _forge.AuthorityPem);
        File.WriteAllText(options.RevokedFile, "# none\n");
        _certificates = new ClientCertificates(options, _time, NullLogger<ClientCertificates>.Instance);
    }

    public void Dispose()
    {
        _forge.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Each_is_refused_for_its_own_reason()
    {
        using var other = new ClientCertificateForge(_time.GetUtcNow());
        foreach (var one in _forge.Bad(other))
        {
            if (one.Kind == "revoked")
            {
                File.WriteAllText(Path.Combine(_folder, "revoked.txt"), $"{one.Certificate.SerialNumber.ToLowerInvariant()} # lost\n");
            }

            var (name, problem) = _certificates.Judge(one.Certificate);

            Assert.Null(name);
            var expected = Problems.GetValueOrDefault(one.Kind, "its alternative name is not exactly one, a URI urn:virtualbox-provisioner:client:NAME; make it with 'cert-generator client NAME'");
            Assert.True(expected.Split('|').Any(word => problem.Contains(word, StringComparison.Ordinal)), $"{one.Kind}: {problem}");
        }
    }

    [Fact]
    public void Good_ones_have_a_name_until_their_time_is_over()
    {
        foreach (var good in new[] { _forge.Good(), _forge.GoodRsa() })
        {
            Assert.Equal((ClientCertificateForge.Name, ""), _certificates.Judge(good.Certificate));
        }

        var last = _forge.Good();
        _time.Advance(TimeSpan.FromDays(5) + TimeSpan.FromSeconds(1));
        Assert.Equal((null, "NotTimeValid"), _certificates.Judge(last.Certificate));
    }

    [Fact]
    public void What_our_program_makes_has_the_form_and_the_name()
    {
        using var authority = CertificateAuthority.Create("acme", _time.GetUtcNow());
        using var client = authority.IssueClient("Build_farm.1-x", Validity.Starting(_time.GetUtcNow(), 30));
        File.WriteAllText(Path.Combine(_folder, "ca.pem"), _forge.AuthorityPem + authority.Certificate.ExportCertificatePem()); // two, as while one follows the other

        Assert.Equal(("Build_farm.1-x", ""), _certificates.Judge(client.Certificate));
        Assert.Equal((ClientCertificateForge.Name, ""), _certificates.Judge(_forge.Good().Certificate));
        Assert.Equal(ClientName.UriPrefix, CertificateAuthority.ClientUriPrefix);
    }

    [Theory]
    [InlineData("# nothing yet\n", "", true)]
    [InlineData("0A1B\n", "0A1B", true)]
    [InlineData("00:0a:1b\r\n", "0A1B", true)]
    [InlineData("  a1b # lost with a laptop\n\n", "0A1B", true)]
    [InlineData("", "the file is empty", false)]
    [InlineData("0A1B", "the last line has no end", false)]
    [InlineData("# x\n0A1G\n", "line 2: '0A1G' is no serial number", false)]
    [InlineData("0A 1B\n", "line 1: '0A 1B' is no serial number", false)]
    [InlineData("-----BEGIN X509 CRL-----\n", "line 1: '-----BEGIN X509 CRL-----' is no serial number", false)]
    [InlineData(":\n", "line 1: ':' is no serial number", false)]
    public void Serial_numbers_are_read_as_tools_show_them_and_nothing_else_is(string text, string expected, bool good)
    {
        var (serials, problem) = RevokedSerials.Parse(System.Text.Encoding.UTF8.GetBytes(text));

        Assert.Equal(good, serials is not null);
        if (serials is null)
        {
            Assert.StartsWith(expected, problem, StringComparison.Ordinal);
        }
        else if (expected.Length > 0)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256);
            using var certificate = request.Create(request.SubjectName, X509SignatureGenerator.CreateForECDsa(key), _time.GetUtcNow(), _time.GetUtcNow().AddDays(1), Convert.FromHexString(expected));
            Assert.True(serials.Contains(certificate));
        }
    }

    [Fact]
    public void What_is_no_authority_is_no_file_of_authorities()
    {
        Assert.Contains("no certificate in it", ClientAuthorities.Parse("x\n"u8.ToArray()).Problem, StringComparison.Ordinal);
        Assert.Contains("'CN=build-farm' is no authority", ClientAuthorities.Parse(System.Text.Encoding.UTF8.GetBytes(_forge.Good().Certificate.ExportCertificatePem())).Problem, StringComparison.Ordinal);
        Assert.Equal(
            ["clientCertificates.caFile: missing, and clientCertificates.revokedFile alone lets nobody in. Name the authority's certificate, ca.pem of cert-generator.", $"clientCertificates.revokedFile: {_folder}/ca.pem: line 1: '-----BEGIN CERTIFICATE-----' is no serial number. Write it as 'cert-generator inspect' shows it, one a line."],
            ClientCertificateRules.Errors(new ClientCertificateOptions { RevokedFile = Path.Combine(_folder, "ca.pem") }));
        Assert.Contains("cannot be read", Assert.Single(ClientCertificateRules.Errors(new ClientCertificateOptions { CaFile = Path.Combine(_folder, "none.pem") })), StringComparison.Ordinal);
    }
}
