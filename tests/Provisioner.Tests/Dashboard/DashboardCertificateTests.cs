using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Provisioner.Server.Access;
using Provisioner.Server.Store;
using Provisioner.Tests.Access;

namespace Provisioner.Tests.Dashboard;

/// <summary>Who signs in by the certificate that his browser shows, what he sees, and what those are told whose certificate opens nothing.</summary>
public sealed class DashboardCertificateTests : IDisposable
{
    private const int Patience = 120_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("dashboard").FullName;
    private readonly ClientCertificateForge _forge = new(TimeProvider.System.GetUtcNow());

    private string RevokedFile => Path.Combine(_folder, "revoked.txt");

    [Fact(Timeout = Patience)]
    public async Task A_viewer_is_in_at_once_is_called_by_his_name_and_has_no_button()
    {
        using var maria = _forge.Named("maria").Certificate;
        await using var browser = await OpenAsync(maria);
        await browser.Server.CreateVmAsync("vm-1");

        await browser.Page.GotoAsync("/");

        await browser.SeeAsync("This host can start VMs.");
        Assert.Equal($"certificate:maria (serial {maria.SerialNumber}), viewer", await browser.Page.Locator("header .who").InnerTextAsync());
        Assert.Equal(0, await browser.Page.GetByRole(AriaRole.Button).CountAsync());
        await browser.Page.GotoAsync("/vms/vm-1");
        Assert.Equal(0, await browser.Page.GetByRole(AriaRole.Button).CountAsync());
        Assert.Equal(403, await browser.Page.EvaluateAsync<int>("fetch('/vms/vm-1/delete', { method: 'POST' }).then(answer => answer.status)"));
    }

    [Fact(Timeout = Patience)]
    public async Task An_operator_acts_and_the_log_has_his_certificates_name()
    {
        using var omar = _forge.Named("omar").Certificate;
        await using var browser = await OpenAsync(omar);
        await browser.Server.CreateVmAsync("vm-1");
        await browser.Page.GotoAsync("/vms/vm-1");

        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Delete this VM" }).ClickAsync();

        await browser.SeeAsync("asked for its removal.");
        await browser.Server.UntilGoneAsync("vm-1");
        var row = browser.Server.Services.GetRequiredService<AuditTable>().Newest(20).First(row => row.Action == "vm-deleted");
        Assert.Equal($"certificate:omar (serial {omar.SerialNumber})", row.Actor);
    }

    [Theory(Timeout = Patience)]
    [InlineData("stranger", "No rule names the certificate stranger.")]
    [InlineData("build-farm", "may not see the whole host. Give the rule farm of the policy a may.role")]
    public async Task A_certificate_that_may_not_see_the_host_gets_the_login_page_with_the_reason(string name, string reason)
    {
        using var certificate = _forge.Named(name).Certificate;
        await using var browser = await OpenAsync(certificate);

        await browser.Page.GotoAsync("/");

        Assert.Contains(reason, await browser.Page.GetByRole(AriaRole.Alert).InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await browser.Page.Locator("header").CountAsync());

        await browser.SignInAsync(HostRole.Viewer); // a token opens the door all the same

        await browser.SeeAsync("This host can start VMs.");
        Assert.EndsWith("(people), viewer", await browser.Page.Locator("header .who").InnerTextAsync(), StringComparison.Ordinal);
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await browser.Page.WaitForURLAsync("**/login");
    }

    [Fact(Timeout = Patience)]
    public async Task A_certificate_that_is_revoked_shuts_a_page_that_is_open_and_says_why()
    {
        using var maria = _forge.Named("maria").Certificate;
        await using var browser = await OpenAsync(maria);
        await browser.Page.GotoAsync("/");
        await browser.SeeAsync("This host can start VMs.");

        File.WriteAllLines(RevokedFile, [maria.SerialNumber]);

        await browser.Page.WaitForURLAsync("**/login");
        await browser.SeeAsync("counts no more: it has expired or was revoked.");
    }

    public void Dispose()
    {
        _forge.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<Browser> OpenAsync(X509Certificate2 certificate)
    {
        var (policy, authority) = (Path.Combine(_folder, "policy.json"), Path.Combine(_folder, "ca.pem"));
        await File.WriteAllTextAsync(policy, """
            { "rules": [
              { "name": "people", "who": { "certificate": "maria" }, "may": { "role": "viewer" } },
              { "name": "operators", "who": { "certificate": "omar" }, "may": { "role": "operator" } },
              { "name": "farm", "who": { "certificate": "build-farm" }, "may": { "repositories": ["acme/gpu"], "images": ["debian-12"], "maxVms": 2 } },
            ] }
            """, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(authority, _forge.AuthorityPem, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(RevokedFile, "# none yet\n", TestContext.Current.CancellationToken);
        return await Browser.OpenAsync(
            options =>
            {
                options.PolicyFile = policy;
                (options.ClientCertificates.CaFile, options.ClientCertificates.RevokedFile) = (authority, RevokedFile);
            },
            certificate: certificate);
    }
}
