using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Provisioner.Contracts;
using Provisioner.Server.Access;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;
using Provisioner.Tests.Server;

namespace Provisioner.Tests.Access;

/// <summary>What a caller meets whose grant has limits.</summary>
public sealed class LimitedCallerTests
{
    private const int Patience = 60_000;

    private static readonly GrantLimits Limits = new()
    {
        Images = ["debian-12", "gpu-12"], MaxVms = 2, Cpus = 2, Memory = 2048, Disk = 8192, Lifetime = TimeSpan.FromMinutes(30), Hardware = [], Labels = ["linux"],
    };

    [Fact(Timeout = Patience)]
    public async Task All_that_is_too_much_is_refused_at_once_with_what_is_allowed_and_leaves_nothing()
    {
        await using var server = await StartAsync(Limits);

        using var response = await server.CreateAsync("""{"image": "windows", "cpus": 4, "memory": 4096, "disk": 8193, "lifetime": "01:00:00", "labels": ["prod", "linux"]}""");

        var problem = await ProblemAsync(response, HttpStatusCode.Forbidden, ProblemCode.ExceedsGrant);
        Assert.Equal(["cpus", "disk", "image", "labels", "lifetime", "memory"], problem.Errors!.Keys.Order());
        Assert.Contains("disk: 8193 is too much; allowed: 1 to 8192 MiB.", problem.Detail, StringComparison.Ordinal);
        Assert.Contains("allowed: debian-12, gpu-12.", problem.Detail, StringComparison.Ordinal);
        Assert.Empty(server.Vms.List());
    }

    [Fact(Timeout = Patience)]
    public async Task A_misspelt_image_is_named_and_not_taken_for_one_whose_size_is_unknown()
    {
        await using var server = await StartAsync(Limits with { Images = null });

        using var response = await server.CreateAsync("""{"image": "debain-12"}""");

        var problem = await ProblemAsync(response, HttpStatusCode.NotFound, ProblemCode.UnknownImage);
        Assert.Contains("debian-12", problem.Remedy, StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task An_image_that_holds_hardware_is_refused_to_who_may_not_have_it()
    {
        await using var server = await StartAsync(Limits);

        using var response = await server.CreateAsync("""{"image": "gpu-12"}""");

        var problem = await ProblemAsync(response, HttpStatusCode.Forbidden, ProblemCode.ExceedsGrant);
        Assert.Equal("image: 'gpu-12' holds the hardware gpu0, which is not allowed; allowed: none.", problem.Detail);
    }

    [Fact(Timeout = Patience)]
    public async Task What_is_allowed_is_made_with_a_life_no_longer_than_that_and_lists_show_no_more()
    {
        await using var server = await StartAsync(Limits);

        using var response = await server.CreateAsync("""{"image": "debian-12", "id": "run-1", "cpus": 2, "memory": 2048, "disk": 8192, "labels": ["linux"]}""");
        var images = await server.Http.GetFromJsonAsync("/v1/images", WireJson.Default.ImageViewArray, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var vm = Assert.Single(server.Vms.List());
        Assert.Equal(TimeSpan.FromMinutes(30), vm.ExpiresAt - vm.CreatedAt);
        Assert.StartsWith("token:", vm.Rule, StringComparison.Ordinal);
        Assert.Equal(["debian-12", "gpu-12"], images!.Select(image => image.Alias));
    }

    [Fact(Timeout = Patience)]
    public async Task Of_many_requests_at_once_as_many_are_served_as_may_live()
    {
        await using var server = await StartAsync(GrantLimits.None with { MaxVms = 3 });

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(n => server.CreateAsync($$"""{"image": "debian-12", "id": "run-{{n}}"}""")));

        Assert.Equal(3, answers.Count(answer => answer.StatusCode == HttpStatusCode.Accepted));
        Assert.Equal(3, server.Vms.List().Count);
        var refused = answers.First(answer => answer.StatusCode != HttpStatusCode.Accepted);
        var problem = await ProblemAsync(refused, HttpStatusCode.TooManyRequests, ProblemCode.RuleUsedUp);
        Assert.Matches(@"^3 VMs of acme/gpu live already, and 'token:[0-9a-f]+' allows no more at the same time\.$", problem.Detail);
        Assert.Equal(TimeSpan.FromSeconds(20), refused.Headers.RetryAfter?.Delta);
    }

    [Fact(Timeout = Patience)]
    public async Task A_life_cannot_be_made_longer_than_is_allowed_either()
    {
        await using var server = await StartAsync(Limits with { Cpus = null, Memory = null });
        await server.CreateVmAsync("run-1");

        using var longer = await ExtendAsync(server, "00:29:00");
        using var tooLong = await ExtendAsync(server, "00:31:00");

        Assert.Equal(HttpStatusCode.OK, longer.StatusCode);
        var problem = await ProblemAsync(tooLong, HttpStatusCode.Forbidden, ProblemCode.ExceedsGrant);
        Assert.StartsWith("lifetime: 00:31:00 is too long: allowed is a life of 00:30:00 since the VM was asked for", problem.Detail, StringComparison.Ordinal);
    }

    /// <summary>No job comes, so VMs that were asked for stay.</summary>
    private static async Task<RunningServer> StartAsync(GrantLimits limits)
    {
        var server = await RunningServer.StartAsync(options =>
        {
            options.Vms.MaxRunning = 10;
            options.Vms.MaxCpus = 16;
            options.Capacity.Devices = ["gpu0"];
            options.Images["windows"] = new ImageOptions { Source = "base" };
            options.Images["gpu-12"] = new ImageOptions { Source = "base", Cpus = 1, Memory = 512, Devices = ["gpu0"] };
        });
        var token = ApiToken.Create();
        server.Services.GetRequiredService<TokenTable>().Add(token, "limited", new Grant(["acme/gpu"]) { Limits = limits }, expiresAt: null);
        server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Text);
        return server;
    }

    private static Task<HttpResponseMessage> ExtendAsync(RunningServer server, string lifetime) => server.Http.PostAsync(
        "/v1/vms/run-1/extend",
        new StringContent($$"""{"lifetime": "{{lifetime}}"}""", mediaType: new MediaTypeHeaderValue("application/json")),
        TestContext.Current.CancellationToken);

    private static async Task<ProblemView> ProblemAsync(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var problem = await response.Content.ReadFromJsonAsync(WireJson.Default.ProblemView, TestContext.Current.CancellationToken);
        Assert.Equal((status, code), (response.StatusCode, problem!.Code));
        return problem;
    }
}
