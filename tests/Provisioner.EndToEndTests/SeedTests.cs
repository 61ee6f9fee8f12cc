using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Provisioner.EndToEndTests;

/// <summary>Clones that get from their own seed what their image lacks: real guests with a real cloud-init, which reach nothing but stand-ins of GitHub.</summary>
public sealed class SeedTests(Stage stage)
{
    private const int Patience = 30 * 60_000;
    private const string Script = "ls /opt/actions-runner; cat /opt/gha/runner.sha256; hostname; ls /sys/block";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = Patience)]
    public async Task A_job_runs_in_a_clone_of_an_image_that_had_neither_scripts_nor_runner()
    {
        using var images = await ImageStage.MakeAsync(stage);
        await using var releases = new ReleaseServer(await File.ReadAllBytesAsync(await Repository.RunnerAsync(), Token));
        var cloud = await Repository.CloudImageAsync();
        await using var server = await SecondServer.StartAsync(stage, images.Folder, configuration => Change(configuration, images, releases, cloud));

        var log = await DoJobAsync(server, "seed-job", Path.Combine(images.Machines, "vbdp-seed-job", "seed.iso"));

        Assert.Contains(releases.Digest, log, StringComparison.Ordinal);
        Assert.Contains("seed-job", log, StringComparison.Ordinal);
        Assert.Contains("sr0", log, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(images.Machines, "vbdp-*"));
    }

    [Fact(Timeout = Patience)]
    public async Task A_runner_that_is_too_old_is_replaced_at_boot_and_it_is_told_when_that_fails()
    {
        using var images = await ImageStage.MakeAsync(stage);
        await using var releases = new ReleaseServer(await File.ReadAllBytesAsync(await Repository.RunnerAsync(), Token));
        var built = await images.RunAsync("build", await images.RecipeAsync(OldRunner(images)));
        Assert.True(built.ExitCode == 0, built.Output);
        await using (var server = await SecondServer.StartAsync(stage, images.Folder, configuration => Change(configuration, images, releases, "built")))
        {
            var log = await DoJobAsync(server, "old-job", Path.Combine(images.Machines, "vbdp-old-job", "seed.iso"));

            Assert.DoesNotContain("of-october", log, StringComparison.Ordinal);
            Assert.Contains(releases.Digest, log, StringComparison.Ordinal);
            Assert.Contains("40 days old: each clone installs 2.999.0 at boot", server.Output, StringComparison.Ordinal);
        }

        releases.Digest = new string('0', 64);
        File.Delete(Path.Combine(images.Folder, "data", "newest-runner.json")); // the answer before, which counts across the restart
        await using var next = await SecondServer.StartAsync(stage, images.Folder, configuration => Change(configuration, images, releases, "built"));
        using var created = await next.CreateAsync("""{"image": "debian", "id": "old-failed"}""");
        Assert.True(created.IsSuccessStatusCode, await created.Content.ReadAsStringAsync(Token));
        var events = await EventsAsync(next, "old-failed");
        Assert.Contains("\"code\":\"guest-failed\"", events, StringComparison.Ordinal);
        Assert.Contains("the guest could not be brought up to date by its seed: the tarball is not the one that was asked for", events, StringComparison.Ordinal);
        Assert.Contains("downloading http://10.0.2.101:8082/", events, StringComparison.Ordinal);
    }

    private static void Change(JsonObject configuration, ImageStage images, ReleaseServer releases, string source)
    {
        images.Change(configuration);
        configuration["images"] = new JsonObject
        {
            ["debian"] = new JsonObject { ["source"] = source, ["cpus"] = 1, ["memory"] = 512, ["seed"] = "runner", ["setup"] = new JsonArray("--no-packages") },
        };
        configuration["vms"] = new JsonObject { ["bootTimeout"] = "00:15:00" };
        configuration["runner"] = new JsonObject { ["releases"] = releases.Address };
        configuration["qemu"]!["forwards"]!.AsArray().Add(releases.Forward);
    }

    /// <summary>The stand-in with a file more, of a release of 40 days ago.</summary>
    private static Action<JsonObject> OldRunner(ImageStage images) => recipe =>
    {
        var runner = recipe["runner"]!;
        var (tree, tarball) = (Directory.CreateDirectory(Path.Combine(images.Folder, "old")).FullName, Path.Combine(images.Folder, "old.tar.gz"));
        Run("tar", "-xzf", (string)runner["file"]!, "-C", tree);
        File.WriteAllText(Path.Combine(tree, "of-october"), "");
        Run("tar", "-czf", tarball, "-C", tree, ".");
        (runner["file"], runner["sha256"]) = (tarball, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(tarball))));
        (runner["version"], runner["released"]) = ("2.330.0", TimeProvider.System.GetUtcNow().AddDays(-40));
    };

    private static void Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>All events of a VM, up to its last: however long that takes, for only the answer's beginning is in a hurry.</summary>
    private static async Task<string> EventsAsync(SecondServer server, string id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/vms/{id}/events");
        using var response = await server.Api.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        return await reader.ReadToEndAsync(Token);
    }

    /// <summary>The job's log. Afterwards the VM is gone, and its seed with it.</summary>
    private async Task<string> DoJobAsync(SecondServer server, string id, string seed)
    {
        using var created = await server.CreateAsync($$"""{"image": "debian", "id": "{{id}}", "labels": ["{{id}}"]}""");
        Assert.True(created.IsSuccessStatusCode, await created.Content.ReadAsStringAsync(Token));
        var queued = await stage.QueueJobAsync(id, Script);
        var (job, gone) = (stage.CompletedJobAsync((long)queued["id"]!), EventsAsync(server, id));
        if (await Task.WhenAny(job, gone) == gone)
        {
            Assert.Fail($"{id} went before its job: {await gone}\n{server.Output}");
        }

        Assert.Equal(("success", id), ((string?)(await job)["conclusion"], (string?)(await job)["runner_name"]));
        Assert.Contains("\"phase\":\"gone\"", await gone, StringComparison.Ordinal);
        Assert.False(File.Exists(seed));
        return (string)(await job)["log"]!;
    }
}
