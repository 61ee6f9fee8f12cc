using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Provisioner.EndToEndTests;

/// <summary>The published server on VirtualBox, where something is wrong with it: the caller is told, and nothing is left.</summary>
public sealed class VirtualBoxServerTests(Stage stage) : IAsyncDisposable
{
    private const int Patience = 3 * 60_000;
    private const string Ask = """{"image": "debian", "id": "run-1"}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("virtualbox-server").FullName;
    private SecondServer? _server;

    [Fact(Timeout = Patience)]
    public async Task A_missing_VBoxManage_is_said_before_anything_is_made()
    {
        _server = await SecondServer.StartAsync(stage, _folder, new JsonObject { ["program"] = "/nowhere/VBoxManage" });

        using var response = await _server.CreateAsync(Ask);

        await AssertProblemAsync(response, HttpStatusCode.ServiceUnavailable, "hypervisor-missing");
        Assert.Equal("[]", await _server.Api.GetStringAsync("/v1/vms", TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = Patience)]
    public async Task A_VBoxManage_that_hangs_does_not_hang_the_caller_and_ends_the_vm_with_its_reason()
    {
        var hanging = Path.Combine(_folder, "VBoxManage");
        await File.WriteAllTextAsync(hanging, "#!/bin/sh\nexec sleep 600\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(hanging, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _server = await SecondServer.StartAsync(stage, _folder, new JsonObject { ["program"] = hanging, ["deadline"] = "00:00:03" });

        using var response = await _server.CreateAsync(Ask);

        await AssertProblemAsync(response, HttpStatusCode.ServiceUnavailable, "hypervisor-timeout");
    }

    public async ValueTask DisposeAsync()
    {
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var problem = await response.Content.ReadFromJsonAsync<JsonObject>(TestContext.Current.CancellationToken);
        Assert.Equal((status, code), (response.StatusCode, (string?)problem!["code"]));
        Assert.NotEmpty((string)problem["remedy"]!);
    }
}
