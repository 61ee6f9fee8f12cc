using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Provisioner.Contracts;
using Provisioner.Server.Access;
using Provisioner.Server.Store;

namespace Provisioner.Tests.Dashboard;

/// <summary>An operator drains a host by a button, and has it take VMs again; nobody else does.</summary>
public sealed class DashboardDrainTests
{
    private const int Patience = 120_000;

    [Theory(Timeout = Patience)]
    [InlineData(true, 1280)]
    [InlineData(false, 1280)]
    [InlineData(true, 360)]
    public async Task An_operator_drains_the_host_and_resumes_it_with_a_script_or_without(bool script, int width)
    {
        await using var browser = await Browser.OpenAsync(width: width, script: script);
        await browser.Server.CreateVmAsync("vm-1");
        await browser.Server.FollowAsync("vm-1", change => change.Phase == VmPhase.Online);
        var token = await browser.SignInAsync(HostRole.Operator);
        var actor = $"token:{token.Id} (people)";
        Assert.Contains("takes new VMs", await HostsAsync(browser), StringComparison.Ordinal);
        await browser.ShotAsync($"operator-{width}");

        await browser.Page.GetByRole(AriaRole.Button, new() { Name = $"Drain {browser.Server.Options.HostName}: no new VM" }).ClickAsync();

        await browser.SeeAsync($"by {actor}: no new VM gets a place until an operator resumes it.");
        Assert.Contains($", by {actor}: it takes no new VM, and those that it has live on (1)", await HostsAsync(browser), StringComparison.Ordinal);
        Assert.Equal(actor, Own(browser).DrainingBy);
        Assert.Equal(width, await browser.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        await browser.ShotAsync($"drained-{width}{(script ? "" : "-no-script")}");

        await browser.Page.GetByRole(AriaRole.Button, new() { Name = $"Resume {browser.Server.Options.HostName}: take new VMs again" }).ClickAsync();

        await browser.SeeAsync("takes new VMs");
        Assert.Null(Own(browser).DrainingSince);
        Assert.Equal(["host-resumed", "host-drained"], browser.Server.Services.GetRequiredService<AuditTable>().Newest(50).Where(row => row.Actor == actor).Select(row => row.Action));
    }

    [Fact(Timeout = Patience)]
    public async Task A_viewer_reads_that_the_host_is_drained_and_has_no_button()
    {
        await using var browser = await Browser.OpenAsync();
        await browser.SignInAsync(HostRole.Viewer);
        await browser.SeeAsync("takes new VMs");

        browser.Server.Services.GetRequiredService<HostTable>().Drain(browser.Server.Options.HostName, "somebody <b>");

        await browser.SeeAsync("by somebody <b>: it takes no new VM, and none is left"); // on the page that is open
        Assert.Equal(["Sign out"], await browser.Page.GetByRole(AriaRole.Button).AllInnerTextsAsync());
        Assert.Equal(403, await browser.Page.EvaluateAsync<int>($"fetch('/hosts/{browser.Server.Options.HostName}/resume', {{ method: 'POST' }}).then(answer => answer.status)"));
        Assert.NotNull(Own(browser).DrainingSince);
    }

    [Fact(Timeout = Patience)]
    public async Task What_comes_from_another_page_than_the_servers_own_or_from_nobody_drains_nothing()
    {
        await using var browser = await Browser.OpenAsync();
        await browser.SignInAsync(HostRole.Operator);
        var cookie = (await browser.Page.Context.CookiesAsync()).Single();
        var here = browser.Server.Address.GetLeftPart(UriPartial.Authority);
        var drain = $"/hosts/{browser.Server.Options.HostName}/drain";

        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(browser, HttpMethod.Post, drain, ("Cookie", $"{cookie.Name}={cookie.Value}"), ("Origin", "https://evil.example.org")));
        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(browser, HttpMethod.Post, drain, ("Cookie", $"{cookie.Name}={cookie.Value}"), ("Origin", here), ("Sec-Fetch-Site", "cross-site")));
        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(browser, HttpMethod.Post, drain, ("Cookie", $"{cookie.Name}={cookie.Value}")));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(browser, HttpMethod.Post, drain, ("Origin", here)));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, await SendAsync(browser, HttpMethod.Get, drain, ("Cookie", $"{cookie.Name}={cookie.Value}")));
        Assert.Null(Own(browser).DrainingSince);

        Assert.Equal(HttpStatusCode.NotFound, await SendAsync(browser, HttpMethod.Post, "/hosts/elsewhere/drain", ("Cookie", $"{cookie.Name}={cookie.Value}"), ("Origin", here)));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(browser, HttpMethod.Post, drain, ("Cookie", $"{cookie.Name}={cookie.Value}"), ("Origin", here)));
        Assert.NotNull(Own(browser).DrainingSince);
    }

    private static HostRow Own(Browser browser) => browser.Server.Services.GetRequiredService<HostTable>().FindOwn()!;

    private static Task<string> HostsAsync(Browser browser) => browser.Page.Locator("#hosts").InnerTextAsync();

    private static async Task<HttpStatusCode> SendAsync(Browser browser, HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var http = browser.Server.Connect(token: null);
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
