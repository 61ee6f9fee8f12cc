using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Provisioner.Contracts;
using Provisioner.Hypervisors.Simulated;
using Provisioner.Server.Access;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;
using Provisioner.Tests.Server;

namespace Provisioner.Tests.Hardware;

public sealed class HardwareRequestTests : IAsyncLifetime
{
    private readonly HostTree _host = new HostTree().Write("dev/ttyUSB0", "");
    private RunningServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(options =>
    {
        options.Simulated = SimulatedOptions.Instant;
        options.Simulated.HostFolder = _host.Root;
        options.Vms.ReviewPeriod = TimeSpan.FromMilliseconds(200);
        options.Hardware["port"] = new HardwareOptions { Cpus = 3, Serial = ["/dev/ttyUSB0"] };
        options.Hardware["key"] = new HardwareOptions { Usb = [new UsbOptions { Vendor = "096e", Product = "0006" }] };
        options.Images["keyed"] = new ImageOptions { Source = "base", Hardware = "key" };
    });

    [Fact(Timeout = 120_000)]
    public async Task An_unknown_profile_is_answered_with_those_that_there_are()
    {
        using var response = await _server.CreateAsync("""{"image": "debian-12", "hardware": "quantum"}""");

        var problem = await ProblemAsync(response, HttpStatusCode.NotFound);
        Assert.Equal((ProblemCode.UnknownHardware, "There is no hardware 'quantum'.", "Ask for one of: key, port."), (problem.Code, problem.Detail, problem.Remedy));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_profile_that_the_grant_does_not_hold_is_refused_whether_it_exists_or_not()
    {
        var token = ApiToken.Create();
        _server.Services.GetRequiredService<TokenTable>().Add(token, "limited", new Grant(["acme/gpu"]) { Limits = new GrantLimits { Hardware = ["key"] } }, expiresAt: null);
        using var http = _server.Connect(token.Text);

        foreach (var name in (string[])["port", "quantum"])
        {
            using var body = JsonContent.Create(new CreateVm { Image = "debian-12", Hardware = name }, WireJson.Default.CreateVm);
            using var response = await http.PostAsync("/v1/vms", body, Token);
            var problem = await ProblemAsync(response, HttpStatusCode.Forbidden);
            Assert.Equal((ProblemCode.ExceedsGrant, $"hardware: '{name}' is not allowed; allowed: key."), (problem.Code, problem.Detail));
        }
    }

    [Fact(Timeout = 120_000)]
    public async Task An_image_whose_device_is_absent_says_so_and_is_refused_until_it_is_back()
    {
        var absent = "The USB device 096e:0006 is absent. Plug it in.";
        var image = Assert.Single((await _server.Http.GetFromJsonAsync("/v1/images", WireJson.Default.ImageViewArray, Token))!, view => view.Alias == "keyed");
        Assert.Equal((false, absent, "key"), (image.Usable, image.Problem, image.Hardware));
        using (var refused = await _server.CreateAsync("""{"image": "keyed", "id": "early"}"""))
        {
            var problem = await ProblemAsync(refused, HttpStatusCode.ServiceUnavailable);
            Assert.Equal((ProblemCode.HardwareAbsent, absent), (problem.Code, problem.Detail));
        }

        _host.Usb("1", "096e", "0006");

        using var accepted = await _server.CreateAsync("""{"image": "keyed", "id": "later"}""");
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        await _server.FollowAsync("later", change => change.Phase == VmPhase.Online);
        Assert.Equal("key", (await _server.Http.GetFromJsonAsync("/v1/vms/later", WireJson.Default.VmView, Token))!.Hardware);
    }

    [Fact(Timeout = 120_000)]
    public async Task Who_waits_for_a_device_that_is_pulled_out_is_told_and_gets_it_when_it_is_back()
    {
        await CreateAsync("first");
        await _server.FollowAsync("first", change => change.Phase == VmPhase.Online);
        await CreateAsync("second");
        await _server.FollowAsync("second", change => change.Message == "Waits as number 1 of 1: the device serial:/dev/ttyUSB0 is in use.");

        _host.Unplug("dev/ttyUSB0");
        using var deleted = await _server.Http.DeleteAsync(new Uri("/v1/vms/first", UriKind.Relative), Token);
        await _server.UntilGoneAsync("first");
        await _server.FollowAsync("second", change => change.Message == "Waits as number 1 of 1: the device serial:/dev/ttyUSB0 is absent from this host.");

        _host.Write("dev/ttyUSB0", "");
        await _server.FollowAsync("second", change => change.Phase == VmPhase.Online);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _host.Dispose();
    }

    private async Task CreateAsync(string id)
    {
        using var response = await _server.CreateAsync($$"""{"image": "debian-12", "id": "{{id}}", "hardware": "port"}""");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    private static async Task<ProblemView> ProblemAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        Assert.Equal(status, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync(WireJson.Default.ProblemView, Token))!;
    }
}
