using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using Provisioner.Server.Configuration;
using Provisioner.Server.Doctor;
using Provisioner.Tests.Programs;

namespace Provisioner.Tests.Doctor;

/// <summary>The looks at the host itself, one by one.</summary>
public sealed class HostCheckTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("doctor-");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("LoadState=loaded\nKillMode=process\nNoNewPrivileges=no", Verdict.Ok, "")]
    [InlineData("LoadState=loaded\nKillMode=process\nNoNewPrivileges=yes\nPrivateDevices=yes", Verdict.Fail, "NoNewPrivileges, PrivateDevices")]
    [InlineData("LoadState=loaded\nKillMode=control-group\nNoNewPrivileges=no", Verdict.Fail, "KillMode=control-group")]
    public void A_unit_that_keeps_VMs_from_starting_or_from_living_on_is_found(string shown, object verdict, string word)
    {
        var found = Assert.Single(UnitCheck.Judge(HypervisorKind.VirtualBox, shown));

        Assert.Equal(verdict, found.Verdict);
        Assert.Contains(word, found.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_there_is_no_unit_nothing_is_said_of_it() => Assert.Empty(UnitCheck.Judge(HypervisorKind.VirtualBox, "LoadState=not-found\nKillMode=control-group"));

    [Theory]
    [InlineData(100_000, Verdict.Ok, "97 GiB")]
    [InlineData(9_000, Verdict.Warn, "2 of 4 VMs")]
    [InlineData(1_000, Verdict.Fail, "not one VM fits")]
    public void The_disk_is_held_against_what_VMs_may_take(long available, object verdict, string word)
    {
        var options = new ServerOptions { Images = new() { ["debian-12"] = new ImageOptions() } };

        var found = DiskCheck.Judge(options, available, "/vms");

        Assert.Equal(verdict, found.Verdict);
        Assert.Contains(word, found.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kvm_intel 380928 0 - Live 0x0000000000000000\nkvm 1146880 1 kvm_intel, Live 0x0", null)]
    [InlineData("kvm_intel 380928 4 - Live 0x0000000000000000\nkvm 1146880 1 kvm_intel, Live 0x0", "kvm_intel")]
    public void Only_a_module_that_is_in_use_is_in_the_way(string modules, string? found)
    {
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "proc"));
        File.WriteAllText(Path.Combine(_folder.FullName, "proc", "modules"), modules + "\n");

        Assert.Equal(found, new HostFacts(_folder.FullName).ModuleInUse("kvm_intel", "kvm_amd"));
    }

    [Theory]
    [InlineData(-1, Verdict.Fail, "expired")]
    [InlineData(10, Verdict.Warn, "in 9 days")]
    [InlineData(300, Verdict.Ok, "vbox.example.org")]
    public async Task A_certificate_is_judged_by_the_days_that_it_has_left(int days, object verdict, string word)
    {
        var found = await CertificateCheck.LookAsync(WithCertificate(days), _time);

        Assert.Equal(verdict, found[0].Verdict);
        Assert.Contains(word, found[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_workflows_use_and_the_certificate_has_not_is_found_and_a_key_that_everybody_can_read()
    {
        var options = WithCertificate(300) with { Oidc = new OidcOptions { Audience = "https://other.example.org:8080" } };
        File.SetUnixFileMode(options.KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        var found = await CertificateCheck.LookAsync(options, _time);

        Assert.Equal(Verdict.Warn, found.Single(one => one.Check == "name").Verdict);
        Assert.Equal($"chmod 600 {options.KeyFile}", found.Single(one => one.Check == "key").Remedy);
    }

    [Fact(Timeout = 20_000)]
    public async Task Another_user_than_the_servers_is_told_so_and_how_to_ask()
    {
        Assert.SkipUnless(Environment.UserName == "root", "Only root can give a folder to another user.");
        using var chown = System.Diagnostics.Process.Start("chown", ["nobody", _folder.FullName]);
        await chown.WaitForExitAsync(TestContext.Current.CancellationToken);

        var found = await UserCheck.LookAsync(new ServerOptions { DataFolder = _folder.FullName }, new HostFacts());

        Assert.Equal((Verdict.Fail, "sudo -u nobody virtualbox-server doctor --config …"), (found.Single().Verdict, found.Single().Remedy));
    }

    [Fact(Timeout = 120_000)]
    public async Task The_program_ends_with_what_it_found()
    {
        using var server = await ServerProgram.StartAsync([], []);

        // Nothing of this server reaches GitHub: it has no credential, and that fails.
        var (code, json) = await server.OperateAsync("doctor", "--format", "json");
        var (wrong, why) = await server.OperateAsync("doctor", "--repository", "no repository");

        Assert.Equal((1, 2), (code, wrong));
        Assert.Contains("\"check\": \"credential\",\n      \"verdict\": \"fail\"", json, StringComparison.Ordinal);
        Assert.StartsWith("{\n  \"ok\": false,", json, StringComparison.Ordinal);
        Assert.Contains("'no repository' is not OWNER/NAME", why, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private ServerOptions WithCertificate(int days)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=tests", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("vbox.example.org");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(_time.GetUtcNow().AddDays(-90), _time.GetUtcNow().AddDays(days).AddHours(-1));
        var options = new ServerOptions { CertFile = Path.Combine(_folder.FullName, "cert.pem"), KeyFile = Path.Combine(_folder.FullName, "key.pem") };
        File.WriteAllText(options.CertFile, certificate.ExportCertificatePem());
        File.WriteAllText(options.KeyFile, key.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(options.KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return options;
    }
}
