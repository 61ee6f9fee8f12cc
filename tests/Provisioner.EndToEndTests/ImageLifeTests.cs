using System.Text.Json.Nodes;

namespace Provisioner.EndToEndTests;

/// <summary>The life of an image: built of a cloud image, checked, used, replaced under load, and taken back.</summary>
public sealed class ImageLifeTests(Stage stage)
{
    private const int Patience = 15 * 60_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = Patience)]
    public async Task An_image_is_built_does_a_job_is_replaced_under_load_and_taken_back()
    {
        using var images = await ImageStage.MakeAsync(stage);
        var built = await images.RunAsync("build", await images.RecipeAsync());
        Assert.True(built.ExitCode == 0, built.Output);
        Assert.Contains("VBDP-BUILD system: Debian GNU/Linux 12", built.Output, StringComparison.Ordinal);
        var check = await images.RunAsync("check", "built");
        Assert.True(check.ExitCode == 0, check.Output);
        Assert.Contains("OK   a clone boots and its guest is ready after", check.Output, StringComparison.Ordinal);

        await using var server = await SecondServer.StartAsync(stage, images.Folder, images.Change);
        var first = await VersionInUseAsync(server);
        await DoJobAsync(server, "image-job");

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var asking = AskForVmsAsync(server, enough.Token);
        var refresh = await images.RunAsync("refresh", "built", "--promote");
        var second = await VersionInUseAsync(server);
        await enough.CancelAsync();

        Assert.True(refresh.ExitCode == 0, refresh.Output);
        Assert.InRange(await asking, 3, int.MaxValue);
        Assert.True(string.CompareOrdinal(second, first) > 0, $"{second} is not after {first}.");
        await DoJobAsync(server, "image-job-after");
        var rollback = await images.RunAsync("rollback", "built");
        Assert.True(rollback.ExitCode == 0, rollback.Output);
        Assert.Equal(first, await VersionInUseAsync(server));
        var collected = await images.RunAsync("gc");
        Assert.Contains($"built {first}: stays, it is in use", collected.Output, StringComparison.Ordinal);
        Assert.Contains($"built {second}: stays, a rollback returns to it", collected.Output, StringComparison.Ordinal);
        Assert.Empty(NativeProcess.Ids(images.Images));
    }

    private static async Task<string> VersionInUseAsync(SecondServer server) =>
        (string)JsonNode.Parse(await server.Api.GetStringAsync("/v1/images", Token))![0]!["version"]!;

    /// <summary>One VM after the other, each deleted as soon as it boots, until it is enough. Every answer is as it should be.</summary>
    private static async Task<int> AskForVmsAsync(SecondServer server, CancellationToken enough)
    {
        var count = 0;
        while (!enough.IsCancellationRequested)
        {
            using var created = await server.CreateAsync($$"""{"image": "debian", "id": "load-{{++count}}"}""");
            Assert.True(created.IsSuccessStatusCode, await created.Content.ReadAsStringAsync(Token));
            await UntilAsync(server, $"load-{count}", "\"phase\":\"booting\"");
            using var deleted = await server.Api.DeleteAsync($"/v1/vms/load-{count}", Token);
            Assert.True(deleted.IsSuccessStatusCode, await deleted.Content.ReadAsStringAsync(Token));
            Assert.DoesNotContain("\"failure\":{", await UntilAsync(server, $"load-{count}", "\"phase\":\"gone\""), StringComparison.Ordinal);
        }

        return count;
    }

    private async Task DoJobAsync(SecondServer server, string id)
    {
        using var created = await server.CreateAsync($$"""{"image": "debian", "id": "{{id}}", "labels": ["{{id}}"]}""");
        Assert.True(created.IsSuccessStatusCode, await created.Content.ReadAsStringAsync(Token));
        var queued = await stage.QueueJobAsync(id, "echo it works");
        var job = await stage.CompletedJobAsync((long)queued["id"]!);
        Assert.Equal(("success", id), ((string?)job["conclusion"], (string?)job["runner_name"]));
        await UntilAsync(server, id, "\"phase\":\"gone\"");
    }

    private static async Task<string> UntilAsync(SecondServer server, string id, string text)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/vms/{id}/events");
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await server.Api.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        var events = "";
        while (await reader.ReadLineAsync(Token) is { } line)
        {
            events += line + "\n";
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return events;
            }
        }

        throw new InvalidOperationException($"The stream of {id} ended before {text}:\n{events}");
    }
}
