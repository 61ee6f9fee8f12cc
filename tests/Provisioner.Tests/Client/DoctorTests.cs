using System.Text.Json;
using Provisioner.Client;
using Provisioner.Contracts;
using Provisioner.Tests.Client.Fakes;

namespace Provisioner.Tests.Client;

public sealed class DoctorTests : IAsyncLifetime
{
    private OperatorRun _operator = null!;

    public async ValueTask InitializeAsync() => _operator = await OperatorRun.StartAsync();

    public ValueTask DisposeAsync() => _operator.DisposeAsync();

    [Fact(Timeout = 20_000)]
    public async Task A_server_that_is_ready_and_has_an_image_is_good()
    {
        _operator.Server.On("GET /readyz", Answers.Status(200, "ready\n")).On("GET /v1/images", Answers.Status(200, Images(usable: true)));

        Assert.Equal(ExitCode.Ok, await _operator.RunAsync("doctor"));
        Assert.DoesNotContain("FAIL", _operator.Out.ToString(), StringComparison.Ordinal);
        Assert.Contains("OK    image debian-12      A VM can be made of it\n", _operator.Out.ToString(), StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_server_that_is_not_ready_and_an_image_that_cannot_be_used_say_why()
    {
        _operator.Server.On("GET /readyz", Answers.Status(503, "not ready: the hypervisor cannot start VMs\n")).On("GET /v1/images", Answers.Status(200, Images(usable: false)));

        Assert.Equal(ExitCode.Failure, await _operator.RunAsync("doctor"));
        Assert.Contains("FAIL  ready                It says: not ready: the hypervisor cannot start VMs\n", _operator.Out.ToString(), StringComparison.Ordinal);
        Assert.Contains("FAIL  image debian-12      It has no snapshot.\n", _operator.Out.ToString(), StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task The_first_thing_that_is_in_the_way_is_the_last_that_is_told_also_to_programs()
    {
        _operator.Server.On("GET /readyz", Answers.Status(200, "ready\n")).On("GET /v1/images", Answers.Problem(401, ProblemCode.Unauthenticated, "This token is not valid."));

        Assert.Equal(ExitCode.Denied, await _operator.RunAsync("doctor", "--format", "json"));
        var last = JsonDocument.Parse(_operator.Out.ToString()).RootElement.EnumerateArray().Last();
        Assert.Equal(("fail", "This token is not valid."), (last.GetProperty("verdict").GetString(), last.GetProperty("detail").GetString()));
        Assert.Empty(_operator.Error.ToString());
    }

    private static string Images(bool usable) =>
        JsonSerializer.Serialize([new ImageView("debian-12", 2, 4096, usable, usable ? null : "It has no snapshot.")], WireJson.Default.ImageViewArray);
}
