using Microsoft.Playwright;
using Microsoft.Extensions.DependencyInjection;
using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;
using Provisioner.Server.Vms;

namespace Provisioner.Tests.Dashboard;

/// <summary>The dashboard as people meet it, in a real browser.</summary>
public sealed class DashboardTests(ITestOutputHelper output)
{
    private const int Patience = 120_000;

    [Fact(Timeout = Patience)]
    public async Task A_viewer_signs_in_and_sees_the_host_at_a_glance()
    {
        await using var browser = await Browser.OpenAsync();
        await browser.Server.CreateVmAsync("vm-1");
        await browser.SignInAsync();

        await browser.SeeAsync("This host can start VMs.");
        Assert.Equal(["Hosts (1)", "Capacity", "VMs (1)", "Queue (0)", "Images", "Recent failures"], await browser.Page.GetByRole(AriaRole.Heading, new() { Level = 2 }).AllInnerTextsAsync());
        Assert.Contains("acme/gpu", await browser.TextAsync(), StringComparison.Ordinal);
    }

    [Theory(Timeout = Patience)]
    [InlineData("vbdp_000000000000_wrongwrongwrongwrongwrong", "unknown, expired or revoked")]
    [InlineData("anything", "unknown, expired or revoked")]
    [InlineData(null, "may not see the whole host")]
    public async Task Who_may_not_see_the_host_is_told_why(string? token, string reason)
    {
        await using var browser = await Browser.OpenAsync();

        await browser.SignInAsync(token ?? browser.MakeToken(role: null).Text);

        Assert.Contains(reason, await browser.Page.GetByRole(AriaRole.Alert).InnerTextAsync(), StringComparison.Ordinal);
        await browser.Page.GotoAsync("/audit");
        Assert.EndsWith("/login", browser.Page.Url, StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task Without_JavaScript_everything_can_be_read()
    {
        await using var browser = await Browser.OpenAsync(script: false);
        await browser.Server.CreateVmAsync("vm-1");
        await browser.SignInAsync();

        await browser.Page.GetByRole(AriaRole.Link, new() { Name = "vm-1" }).First.ClickAsync();

        Assert.Contains("Timeline", await browser.TextAsync(), StringComparison.Ordinal);
        await browser.Page.GetByRole(AriaRole.Link, new() { Name = "Audit" }).ClickAsync();
        await browser.SeeAsync("vm-requested");
    }

    [Theory(Timeout = Patience)]
    [InlineData("/")]
    [InlineData("/vms/a-vm-with-a-rather-long-name-that-somebody-chose-for-it")]
    [InlineData("/policy")]
    [InlineData("/audit")]
    public async Task On_a_telephone_nothing_is_wider_than_the_screen(string path)
    {
        await using var browser = await Browser.OpenAsync(width: 360);
        await browser.Server.CreateVmAsync("a-vm-with-a-rather-long-name-that-somebody-chose-for-it");
        await browser.SignInAsync();

        await browser.Page.GotoAsync(path);

        Assert.Equal(360, await browser.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        await browser.ShotAsync($"telephone{path.Split('/')[1]}");
    }

    [Fact(Timeout = 300_000)]
    public async Task Five_hundred_VMs_are_a_page_of_less_than_150_KB()
    {
        await using var browser = await Browser.OpenAsync(options => options.Vms.MaxRunning = 600);
        await Parallel.ForEachAsync(Enumerable.Range(0, 500), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, _) => await browser.Server.CreateVmAsync($"vm-{number}"));
        await browser.SignInAsync();
        await browser.SeeAsync("VMs (500)");

        await browser.Page.GotoAsync("/", new() { WaitUntil = WaitUntilState.Load });

        var paint = await browser.Page.EvaluateAsync<double>(
            "new Promise(told => new PerformanceObserver(list => list.getEntriesByName('first-contentful-paint').forEach(entry => told(entry.startTime))).observe({ type: 'paint', buffered: true }))");
        var size = await browser.Page.EvaluateAsync<long>("[performance.getEntriesByType('navigation')[0], ...performance.getEntriesByType('resource')].reduce((sum, e) => sum + e.transferSize, 0)");
        output.WriteLine($"500 VMs: {size / 1024.0:0} KB, first paint after {paint:0} ms");
        Assert.Equal(500, await browser.Page.Locator("#vms tbody tr").CountAsync());
        Assert.InRange(size, 1, 150 * 1024);
        await browser.ShotAsync("five-hundred");
    }

    [Fact(Timeout = Patience)]
    public async Task What_a_guest_writes_is_text_whatever_it_writes()
    {
        const string Hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>\n\u001b[31mred\u001b[0m \u202Egnp.exe\n</pre><style>*{display:none}</style>&lt;";
        await using var browser = await Browser.OpenAsync();
        await browser.Server.CreateVmAsync("vm-1");
        browser.Server.Vms.Change(VmId.Parse("vm-1"), row => row.Failed(new VmFailure(ProblemCode.GuestFailed, "It said <b>no</b>.", "See \"its\" console.", Hostile)));
        await browser.SignInAsync();

        await browser.Page.GetByText("Last lines of the guest").ClickAsync();

        var shown = await browser.Page.Locator("#failures pre").InnerTextAsync();
        Assert.Contains("<script>alert(1)</script><img src=x onerror=alert(2)>", shown, StringComparison.Ordinal);
        Assert.Contains("\\u001b[31mred\\u001b[0m \\u202egnp.exe", shown, StringComparison.Ordinal);
        Assert.Contains("It said <b>no</b>.", await browser.TextAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await browser.Page.Locator("main script, main img, main style").CountAsync());
        await browser.ShotAsync("hostile");
    }

    [Fact(Timeout = Patience)]
    public async Task A_host_that_cannot_work_says_so_and_why()
    {
        await using var browser = await Browser.OpenAsync(options =>
        {
            options.Hypervisor = HypervisorKind.Qemu;
            (options.Qemu.Program, options.Qemu.Folder) = ("/nonexistent/qemu", Path.Combine(options.DataFolder, "machines"));
        });
        await browser.SignInAsync();

        await browser.SeeAsync("Not ready: ");
        await browser.SeeAsync("not usable");
        await browser.ShotAsync("failing-host");
    }

    [Fact(Timeout = Patience)]
    public async Task Who_waits_is_shown_with_the_reason()
    {
        await using var browser = await Browser.OpenAsync(options => options.Vms.MaxRunning = 1);
        await browser.Server.CreateVmAsync("first");
        await browser.Server.CreateVmAsync("second");
        await browser.SignInAsync();

        await browser.SeeAsync("Queue (1)");
        Assert.Contains("second for acme/gpu: 1 of 1 VMs of this host are in use.", (await browser.Page.Locator("#queue").InnerTextAsync()) + ".", StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task What_changes_on_the_host_changes_on_the_page_by_itself_and_what_somebody_reads_stays_open()
    {
        await using var browser = await Browser.OpenAsync();
        await browser.Server.CreateVmAsync("failed");
        browser.Server.Vms.Change(VmId.Parse("failed"), row => row.Failed(new VmFailure(ProblemCode.GuestFailed, "It failed.", "Look.", "its last line")));
        await browser.SignInAsync();
        await browser.Page.GetByText("Last lines of the guest").ClickAsync();

        await browser.Server.CreateVmAsync("later");

        await browser.Page.GetByRole(AriaRole.Link, new() { Name = "later" }).WaitForAsync();
        await browser.SeeAsync("its last line");
    }

    [Fact(Timeout = Patience)]
    public async Task A_failure_appears_on_a_page_that_is_open()
    {
        await using var browser = await Browser.OpenAsync();
        await browser.Server.CreateVmAsync("vm-1");
        await browser.SignInAsync();
        await browser.Page.GotoAsync("/vms/vm-1");

        browser.Server.Vms.Change(VmId.Parse("vm-1"), row => row.Failed(new VmFailure(ProblemCode.GuestFailed, "It failed.", "Look at it.")));

        await browser.Page.Locator("#failure").GetByText("Look at it.").WaitForAsync();
        Assert.Equal(["state", "facts", "failure", "timeline"], await browser.Page.EvaluateAsync<string[]>("[...document.querySelectorAll('main > section')].map(section => section.id)"));
    }

    [Fact(Timeout = Patience)]
    public async Task The_page_of_a_vm_says_what_was_asked_for()
    {
        await using var browser = await Browser.OpenAsync();
        using var created = await browser.Server.CreateAsync("""{"image": "debian-12", "id": "vm-1", "cpus": 1, "disk": 32768}""");
        await browser.SignInAsync();
        await browser.Page.GotoAsync("/vms/vm-1");

        var facts = await browser.Page.EvaluateAsync<string[]>("[...document.querySelectorAll('#facts dl > div')].map(fact => fact.innerText.replace(/\\s+/, ': '))");
        Assert.Equal(["CPUs: 1", "Memory: the image's", "Disk: 32768 MiB", "Hardware: none"], facts[4..8]);
    }

    [Fact(Timeout = Patience)]
    public async Task The_timeline_grows_while_it_is_watched()
    {
        await using var browser = await Browser.OpenAsync();
        await browser.Server.CreateVmAsync("vm-1");
        await browser.SignInAsync();
        await browser.Page.GotoAsync("/vms/vm-1");

        browser.Server.Vms.Change(VmId.Parse("vm-1"), row => row.NotWanted("Somebody asked for its removal."));

        await browser.Page.Locator("#timeline").GetByText("Somebody asked for its removal.").First.WaitForAsync();
    }

    [Fact(Timeout = Patience)]
    public async Task The_audit_log_names_who_did_what()
    {
        await using var browser = await Browser.OpenAsync();
        await browser.Server.CreateVmAsync("vm-1");
        await browser.SignInAsync();
        await browser.Page.GetByRole(AriaRole.Link, new() { Name = "Audit" }).ClickAsync();

        await browser.SeeAsync("vm-requested");
        Assert.Contains("token-created", await browser.TextAsync(), StringComparison.Ordinal);
    }

    [Theory(Timeout = Patience)]
    [InlineData("""{"repository": "acme/gpu", "repository_owner_id": "65", "repository_visibility": "private", "event_name": "push"}""", "Granted by the rule all-of-them.")]
    [InlineData("""{"repository": "other/x", "repository_owner_id": "7"}""", "Denied.")]
    [InlineData("no json", "claims: ")]
    public async Task The_policy_can_be_tried(string claims, string verdict)
    {
        using var policy = Access.TemporaryPolicy.AllOf("65");
        await using var browser = await Browser.OpenAsync(options => options.PolicyFile = policy.Path);
        await browser.SignInAsync();
        await browser.Page.GetByRole(AriaRole.Link, new() { Name = "Policy" }).ClickAsync();

        await browser.Page.GetByLabel("Claims of a workflow's token, as JSON").FillAsync(claims);
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Test" }).ClickAsync();

        await browser.SeeAsync(verdict);
    }
}
