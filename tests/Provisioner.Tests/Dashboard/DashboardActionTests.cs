using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Provisioner.Hypervisors;
using Provisioner.Server.Access;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;

namespace Provisioner.Tests.Dashboard;

/// <summary>Who may act, who may not, and how a session ends.</summary>
public sealed class DashboardActionTests
{
    private const int Patience = 120_000;

    [Fact(Timeout = Patience)]
    public async Task An_operator_deletes_a_VM_and_the_log_has_his_name()
    {
        await using var browser = await Browser.OpenAsync();
        await browser.Server.CreateVmAsync("vm-1");
        var token = await browser.SignInAsync(HostRole.Operator);
        await browser.Page.GotoAsync("/vms/vm-1");

        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Delete this VM" }).ClickAsync();

        await browser.SeeAsync("asked for its removal.");
        await browser.Server.UntilGoneAsync("vm-1");
        var row = browser.Server.Services.GetRequiredService<AuditTable>().Newest(20).First(row => row.Action == "vm-deleted");
        Assert.Equal($"token:{token.Id} (people)", row.Actor);
    }

    [Fact(Timeout = Patience)]
    public async Task An_operator_lets_a_VM_live_longer_and_not_for_ever()
    {
        await using var browser = await Browser.OpenAsync();
        await browser.Server.CreateVmAsync("vm-1");
        await browser.SignInAsync(HostRole.Operator);
        await browser.Page.GotoAsync("/vms/vm-1");
        var before = browser.Server.Vms.Find(VmId.Parse("vm-1"))!.ExpiresAt;

        await ExtendAsync(browser, "5");
        await browser.SeeAsync("extended its life until");
        var after = browser.Server.Vms.Find(VmId.Parse("vm-1"))!.ExpiresAt;
        await ExtendAsync(browser, "500");

        Assert.True(after > before);
        Assert.Contains("vms.maxLifetime", await browser.Page.GetByRole(AriaRole.Alert).InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task A_time_that_is_shorter_than_what_is_left_is_refused_in_words()
    {
        await using var browser = await Browser.OpenAsync();
        await browser.Server.CreateVmAsync("vm-1");
        await browser.SignInAsync(HostRole.Operator);
        await browser.Page.GotoAsync("/vms/vm-1");

        await ExtendAsync(browser, "0.1");

        Assert.Contains("Name a longer time.", await browser.Page.GetByRole(AriaRole.Alert).InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task A_form_that_is_none_is_the_senders_mistake()
    {
        await using var server = await Provisioner.Tests.Server.RunningServer.StartAsync();
        using var http = server.Connect(token: null);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/login") { Content = new ByteArrayContent("no form"u8.ToArray()) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data");
        request.Headers.Add("Origin", server.Address.GetLeftPart(UriPartial.Authority));

        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact(Timeout = Patience)]
    public async Task A_viewer_has_no_buttons_and_what_he_sends_without_them_does_nothing()
    {
        await using var browser = await Browser.OpenAsync();
        await browser.Server.CreateVmAsync("vm-1");
        await browser.SignInAsync(HostRole.Viewer);
        await browser.Page.GotoAsync("/vms/vm-1");

        Assert.Equal(0, await browser.Page.Locator("#actions").CountAsync());
        Assert.Equal(403, await browser.Page.EvaluateAsync<int>("fetch('/vms/vm-1/delete', { method: 'POST' }).then(answer => answer.status)"));
        Assert.Equal(Wanted.Present, browser.Server.Vms.Find(VmId.Parse("vm-1"))!.Wanted);
    }

    [Fact(Timeout = Patience)]
    public async Task What_comes_from_another_page_than_the_servers_own_does_nothing()
    {
        await using var browser = await Browser.OpenAsync();
        await browser.Server.CreateVmAsync("vm-1");
        await browser.SignInAsync(HostRole.Operator);
        var cookie = (await browser.Page.Context.CookiesAsync()).Single();

        Assert.True(cookie is { HttpOnly: true, Secure: true, SameSite: SameSiteAttribute.Strict });
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(browser, cookie, "https://evil.example.org"));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(browser, cookie, origin: null));
        Assert.Equal(Wanted.Present, browser.Server.Vms.Find(VmId.Parse("vm-1"))!.Wanted);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(browser, cookie, browser.Server.Address.GetLeftPart(UriPartial.Authority)));
        Assert.Equal(Wanted.Gone, browser.Server.Vms.Find(VmId.Parse("vm-1"))!.Wanted);
    }

    [Fact(Timeout = Patience)]
    public async Task A_token_that_is_revoked_ends_the_session_also_on_a_page_that_is_open()
    {
        await using var browser = await Browser.OpenAsync();
        var token = await browser.SignInAsync();
        await browser.SeeAsync("This host can start VMs.");

        browser.Server.Services.GetRequiredService<TokenTable>().Revoke(token.Id);

        await browser.Page.WaitForURLAsync("**/login");
    }

    [Fact(Timeout = Patience)]
    public async Task Who_signs_out_is_out_and_his_cookie_opens_nothing()
    {
        await using var browser = await Browser.OpenAsync();
        await browser.SignInAsync();
        var cookie = (await browser.Page.Context.CookiesAsync()).Single();

        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();

        await browser.Page.WaitForURLAsync("**/login");
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(browser, cookie, browser.Server.Address.GetLeftPart(UriPartial.Authority)));
    }

    [Fact(Timeout = Patience)]
    public async Task Keys_alone_lead_through_the_page_in_its_order()
    {
        await using var browser = await Browser.OpenAsync();
        await browser.Server.CreateVmAsync("vm-1");
        await browser.SignInAsync();
        await browser.SeeAsync("This host can start VMs.");
        var reached = new List<string>();

        for (var step = 0; step < 6; step++)
        {
            await browser.Page.Keyboard.PressAsync("Tab");
            reached.Add(await browser.Page.EvaluateAsync<string>("document.activeElement.innerText"));
        }

        Assert.Equal(["Skip to content", "Host", "Policy", "Audit", "Sign out", "vm-1"], reached);
    }

    [Fact(Timeout = Patience)]
    public async Task No_page_loads_or_runs_anything_that_is_not_of_this_server()
    {
        await using var browser = await Browser.OpenAsync();
        var answer = await browser.Page.GotoAsync("/login");
        var policy = (await answer!.AllHeadersAsync())["content-security-policy"];

        Assert.StartsWith("default-src 'none'; style-src 'self'; script-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("no-store", (await answer.AllHeadersAsync())["cache-control"]);
    }

    private static async Task ExtendAsync(Browser browser, string hours)
    {
        await browser.Page.EvaluateAsync("document.getElementById('hours').form.noValidate = true");
        await browser.Page.GetByLabel("Let it live for").FillAsync(hours);
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Extend" }).ClickAsync();
    }

    private static async Task<HttpStatusCode> PostAsync(Browser browser, BrowserContextCookiesResult cookie, string? origin)
    {
        using var http = browser.Server.Connect(token: null);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/vms/vm-1/delete");
        request.Headers.Add("Cookie", $"{cookie.Name}={cookie.Value}");
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
