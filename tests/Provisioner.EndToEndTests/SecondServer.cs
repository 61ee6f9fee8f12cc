using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Provisioner.EndToEndTests;

/// <summary>Another published server beside the stage's, for one test.</summary>
internal sealed class SecondServer : IAsyncDisposable
{
    private readonly NativeProcess _process;
    private readonly string _file;

    private SecondServer(NativeProcess process, string file, HttpClient api) => (_process, _file, Api) = (process, file, api);

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
        return await OpenAsync(stage, file, token.Output.Trim());
    }

    /// <summary>The next one on the same files, after this one has ended by a signal.</summary>
    public async Task<SecondServer> RestartAsync(Stage stage, int signal, Action<JsonObject>? change = null)
    {
        _process.Send(signal);
        await _process.ExitAsync();
        var configuration = JsonNode.Parse(await File.ReadAllTextAsync(_file))!.AsObject();
        change?.Invoke(configuration);
        await File.WriteAllTextAsync(_file, configuration.ToJsonString());
        return await OpenAsync(stage, _file, Api.DefaultRequestHeaders.Authorization!.Parameter!);
    }

    public Task<HttpResponseMessage> CreateAsync(string json) => Api.PostAsync(
        "/v1/vms", new StringContent(json, mediaType: new MediaTypeHeaderValue("application/json")), TestContext.Current.CancellationToken);

    private static async Task<SecondServer> OpenAsync(Stage stage, string file, string token)
    {
        var process = NativeProcess.Start(Repository.Program("virtualbox-server"), ["--config", file]);
        var url = (await process.LineAsync("Listening on ", CancellationToken.None)).Split(' ')[^1];
        var api = stage.MakeApiClient(url);
        api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return new SecondServer(process, file, api);
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await _process.DisposeAsync();
    }
}
