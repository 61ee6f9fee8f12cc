using System.Text.Json.Nodes;

namespace Provisioner.EndToEndTests;

/// <summary>A folder with a recipe and a configuration, in which the published server's <c>image</c> verbs work.</summary>
internal sealed class ImageStage(string? disk) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("end-to-end-image").FullName;

    public string Folder => _folder;

    /// <summary>The folder of images, which a test may put on another disk.</summary>
    public string Images => Path.Combine(disk ?? _folder, "images");

    public string Machines => Path.Combine(_folder, "machines");

    private string Configuration => Path.Combine(_folder, "server.json");

    public static async Task<ImageStage> MakeAsync(Stage stage, string? disk = null)
    {
        var made = new ImageStage(disk);
        var configuration = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(stage.Folder, "server.json")))!.AsObject();
        made.Change(configuration);
        configuration["dataFolder"] = Path.Combine(made._folder, "data");
        await File.WriteAllTextAsync(made.Configuration, configuration.ToJsonString());
        return made;
    }

    public void Change(JsonObject configuration)
    {
        configuration["imageFolder"] = Images;
        configuration["qemu"]!["folder"] = Machines;
        configuration["images"] = new JsonObject { ["debian"] = new JsonObject { ["source"] = "built", ["cpus"] = 1, ["memory"] = 512 } };
    }

    /// <summary>A recipe of the small Debian, without network.</summary>
    public async Task<string> RecipeAsync(Action<JsonObject>? change = null)
    {
        var runner = await Repository.RunnerAsync();
        var recipe = new JsonObject
        {
            ["name"] = "built",
            ["base"] = new JsonObject { ["file"] = await Repository.CloudImageAsync() },
            ["runner"] = new JsonObject
            {
                ["file"] = runner, ["sha256"] = (await File.ReadAllTextAsync(runner + ".sha256"))[..64], ["version"] = "2.336.0", ["released"] = TimeProvider.System.GetUtcNow().AddDays(-2),
            },
            ["setup"] = new JsonArray("--no-packages"),
            ["cpus"] = 1,
            ["memory"] = 512,
        };
        change?.Invoke(recipe);
        var file = Path.Combine(_folder, "recipe.json");
        await File.WriteAllTextAsync(file, recipe.ToJsonString());
        return file;
    }

    public NativeProcess Start(params string[] words) => NativeProcess.Start(Repository.Program("virtualbox-server"), ["image", .. words, "--config", Configuration]);

    public async Task<(int ExitCode, string Output)> RunAsync(params string[] words)
    {
        await using var process = Start(words);
        return (await process.ExitAsync(), process.Output);
    }

    /// <summary>Nothing of a build is left: no process, no disk, no version.</summary>
    public void AssertNothingIsLeft()
    {
        Assert.Empty(NativeProcess.Ids(Images));
        Assert.False(Directory.Exists(Path.Combine(Images, ".work")));
        Assert.False(Directory.Exists(Path.Combine(Images, "built")));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
