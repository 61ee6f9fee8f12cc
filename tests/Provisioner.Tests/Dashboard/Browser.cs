using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Provisioner.Server.Access;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;
using Provisioner.Tests.Server;

namespace Provisioner.Tests.Dashboard;

/// <summary>A real headless Chromium before a running server. Whatever breaks the page's own policy, or throws in its script, fails the test that disposes it.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly string[] Programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly List<string> _complaints = [];

    private Browser(IPlaywright playwright, IBrowser browser, IPage page, RunningServer server) => (_playwright, _browser, Page, Server) = (playwright, browser, page, server);

    public IPage Page { get; }

    public RunningServer Server { get; }

    public static async Task<Browser> OpenAsync(Action<ServerOptions>? configure = null, int width = 1280, bool script = true, X509Certificate2? certificate = null)
    {
        var program = Programs.FirstOrDefault(File.Exists);
        Assert.SkipUnless(program is not null, "There is no Chromium: eng/install-packages browser.");
        var server = await RunningServer.StartAsync(options =>
        {
            (options.Limits.Burst, options.Limits.RequestsPerSecond, options.Limits.CallerBurst, options.Limits.CallerRequestsPerSecond) = (5000, 5000, 5000, 5000);
            configure?.Invoke(options);
        });
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var page = await browser.NewPageAsync(new BrowserNewPageOptions
        {
            BaseURL = server.Address.ToString(), IgnoreHTTPSErrors = true, JavaScriptEnabled = script, ViewportSize = new ViewportSize { Width = width, Height = 800 },
            ClientCertificates = certificate is null ? null : [Shown(certificate, server.Address)],
        });
        page.SetDefaultTimeout(30_000);
        var opened = new Browser(playwright, browser, page, server);
        page.Dialog += (_, dialog) => opened._complaints.Add($"a dialog: {dialog.Message}");
        page.PageError += (_, error) => opened._complaints.Add(error);
        page.Console += (_, message) => opened.Hear(message);
        return opened;
    }

    /// <summary>A token with a role on the whole host.</summary>
    public ApiToken MakeToken(HostRole? role)
    {
        var token = ApiToken.Create();
        Server.Services.GetRequiredService<TokenTable>().Add(token, "people", new Grant(["acme/gpu"]) { Limits = new GrantLimits { Role = role } }, expiresAt: null);
        return token;
    }

    public async Task<ApiToken> SignInAsync(HostRole? role = HostRole.Viewer)
    {
        var token = MakeToken(role);
        await SignInAsync(token.Text);
        return token;
    }

    public async Task SignInAsync(string token)
    {
        await Page.GotoAsync("/");
        await Page.GetByLabel("API token").FillAsync(token);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }

    /// <summary>What can be read on the page.</summary>
    public Task<string> TextAsync() => Page.Locator("main").InnerTextAsync();

    /// <summary>Waits until a text is there.</summary>
    public Task SeeAsync(string text) => Page.GetByText(text).First.WaitForAsync();

    /// <summary>A picture for people to look at, when they ask for it: VBDP_SCREENSHOTS names the folder.</summary>
    public Task ShotAsync(string name)
    {
        var folder = Environment.GetEnvironmentVariable("VBDP_SCREENSHOTS");
        return folder is null ? Task.CompletedTask : Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png"), FullPage = false });
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
        await Server.DisposeAsync();
        Assert.Empty(_complaints);
    }

    private static ClientCertificate Shown(X509Certificate2 certificate, Uri to) => new()
    {
        Origin = to.GetLeftPart(UriPartial.Authority),
        Cert = System.Text.Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()),
        Key = System.Text.Encoding.ASCII.GetBytes(certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()),
    };

    // An answer of 401 or 403 is what some tests are about.
    private void Hear(IConsoleMessage message)
    {
        if (message.Type == "error" && !message.Text.Contains("the server responded with a status of", StringComparison.Ordinal))
        {
            _complaints.Add(message.Text);
        }
    }
}
