using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Provisioner.EndToEndTests;

/// <summary>Another published server beside the stage's, for one test.</summary>
internal sealed class SecondServer : IAsyncDisposable
{
    private readonly NativeProcess _process;

    private SecondServer(NativeProcess process, HttpClient api) => (_process, Api) = (process, api);

    public HttpClient Api { get; }

    public string Output => _process.Output;

    /// <summary>On VirtualBox.</summary>
    public static Task<SecondServer> StartAsync(Stage stage, string folder, JsonObject virtualBox, JsonObject? image = null)
    {
        virtualBox["machineFolder"] ??= Path.Combine(folder, "machines");
        return StartAsync(stage, folder, configuration =>
        {
            configuration["hypervisor"] = "virtualbox";
            configuration["virtualBox"] = virtualBox;
            configuration["images"] = new JsonObject { ["debian"] = image ?? new JsonObject { ["source"] = "base" } };
        });
    }

    /// <summary>With the stage's configuration, changed.</summary>
    public static async Task<SecondServer> StartAsync(Stage stage, string folder, Action<JsonObject> change)
    {
        var configuration = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(stage.Folder, "server.json")))!.AsObject();
        configuration["dataFolder"] = Path.Combine(folder, "data");
        change(configuration);
        var file = Path.Combine(folder, "server.json");
        await File.WriteAllTextAsync(file, configuration.ToJsonString());

        var program = Repository.Program("virtualbox-server");
        var token = await NativeProcess.RunAsync(program, ["token", "create", "--config", file, "--name", "test", "--repository", Stage.RepositoryName]);
        Assert.True(token.ExitCode == 0, token.Output);
        var process = NativeProcess.Start(program, ["--config", file]);
        var url = (await process.LineAsync("Listening on ", CancellationToken.None)).Split(' ')[^1];
        var api = stage.MakeApiClient(url);
        api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Output.Trim());
        return new SecondServer(process, api);
    }

    public Task<HttpResponseMessage> CreateAsync(string json) => Api.PostAsync(
        "/v1/vms", new StringContent(json, mediaType: new MediaTypeHeaderValue("application/json")), TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await _process.DisposeAsync();
    }
}
