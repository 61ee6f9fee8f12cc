using System.Text.Json.Nodes;

namespace Provisioner.EndToEndTests;

/// <summary>The main job, for real: a request becomes a runner in a VM, does its job, and is gone.</summary>
public sealed class MainJobTests(Stage stage)
{
    private const int Patience = 10 * 60_000;

    [Fact(Timeout = Patience)]
    public async Task A_workflow_gets_its_machine_its_job_runs_there_and_nothing_is_left()
    {
        await using var canaries = await Canaries.StartAsync(stage);
        await using var create = stage.StartAction(new Dictionary<string, string> { ["mode"] = "create" });
        Assert.True(await create.Process.ExitAsync() == 0, create.Process.Output);
        var label = create.Output("label");
        var id = create.Output("vm-id");
        Assert.NotNull(label);
        Assert.NotNull(id);
        Assert.Matches("^vm-[0-9a-f]{32}$", label);
        Assert.DoesNotContain(label, create.Process.Output, StringComparison.Ordinal);
        canaries.SearchFolder(stage.MachineFolder);

        var queued = await stage.QueueJobAsync(label, "echo \"hello from $(uname -s) in $(systemd-detect-virt || true)\"; whoami");
        var job = await stage.CompletedJobAsync((long)queued["id"]!);

        Assert.Equal("success", (string?)job["conclusion"]);
        Assert.Equal(id, (string?)job["runner_name"]);
        Assert.Contains("hello from Linux", (string?)job["log"]);
        Assert.Contains("runner", (string?)job["log"]);

        await using var delete = stage.StartAction(new Dictionary<string, string> { ["mode"] = "delete" });
        Assert.True(await delete.Process.ExitAsync() == 0, delete.Process.Output);
        var events = await stage.Api.GetStringAsync($"/v1/vms/{id}/events", TestContext.Current.CancellationToken);
        await AssertNothingLeftAsync(id);

        canaries.Search("the server's log", stage.ServerOutput);
        canaries.Search("the events", events);
        canaries.Search("the create step's log", create.Process.Output.Replace($"::add-mask::{stage.ApiToken}", "", StringComparison.Ordinal));
        canaries.Search("the delete step's log", delete.Process.Output.Replace($"::add-mask::{stage.ApiToken}", "", StringComparison.Ordinal));
        canaries.Search("the job's log", (string)job["log"]!);
        canaries.Search("the job summary", create.Summary);
        canaries.SearchFolder(stage.DataFolder);
        canaries.SearchFolder(stage.MachineFolder);
        Assert.Empty(canaries.Found);
    }

    [Fact(Timeout = Patience)]
    public async Task A_create_that_is_interrupted_leaves_nothing()
    {
        await using var create = stage.StartAction(new Dictionary<string, string> { ["mode"] = "create", ["name"] = "interrupted" });
        await create.Process.LineAsync("boot", TestContext.Current.CancellationToken);

        create.Process.Terminate();

        Assert.Equal(130, await create.Process.ExitAsync());
        var vm = JsonNode.Parse(await stage.Api.GetStringAsync("/v1/vms", TestContext.Current.CancellationToken))!.AsArray()
            .Single(vm => ((string)vm!["id"]!).Contains("interrupted", StringComparison.Ordinal));
        await AssertNothingLeftAsync((string)vm!["id"]!);
    }

    private async Task AssertNothingLeftAsync(string id)
    {
        // The stream ends when the VM is gone.
        var events = await stage.Api.GetStringAsync($"/v1/vms/{id}/events", TestContext.Current.CancellationToken);
        Assert.Contains("\"phase\":\"gone\"", events);
        Assert.Empty(Directory.EnumerateFileSystemEntries(stage.MachineFolder, $"vbdp-{id}*"));
        Assert.Empty(NativeProcess.Ids($"{stage.MachineFolder}/vbdp-{id}"));
        var runners = await stage.GitHub.GetStringAsync("/_simulator/runners", TestContext.Current.CancellationToken);
        Assert.DoesNotContain(id, runners);
    }
}
