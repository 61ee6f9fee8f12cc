using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Provisioner.EndToEndTests;

/// <summary>The published server with the real VBoxManage: everything works but starting, where the kernel driver is missing.</summary>
public sealed class RealVirtualBoxTests(Stage stage) : IAsyncDisposable
{
    private const int Patience = 5 * 60_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("vbdp-real-").FullName;
    private string _program = "";
    private SecondServer? _server;

    [Fact(Timeout = Patience)]
    public async Task An_image_needs_a_snapshot_and_a_vm_that_cannot_start_leaves_nothing()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can make a private VirtualBox.");
        Assert.SkipWhen(File.Exists("/dev/vboxdrv"), "VirtualBox can start VMs on this machine.");
        _program = await Repository.VirtualBoxAsync();
        await MakeMachineAsync();
        _server = await SecondServer.StartAsync(stage, _folder, new JsonObject
        {
            ["program"] = _program,
            ["userHome"] = Path.Combine(_folder, "settings"),
            ["ipcSocketId"] = Path.GetFileName(_folder),
            ["reserveBytes"] = 64 * 1024 * 1024,
        });

        using var refused = await _server.CreateAsync("""{"image": "debian", "id": "run-1"}""");
        var problem = await refused.Content.ReadFromJsonAsync<JsonObject>(TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "snapshot-missing"), (refused.StatusCode, (string?)problem!["code"]));

        await VBoxManageAsync("snapshot", "base", "take", "ready");
        using var accepted = await _server.CreateAsync("""{"image": "debian", "id": "run-1"}""");
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var events = await _server.Api.GetStringAsync("/v1/vms/run-1/events", TestContext.Current.CancellationToken);
        Assert.Contains("\"code\":\"cannot-start\"", events);
        Assert.Contains("\"phase\":\"gone\"", events);
        Assert.DoesNotContain("run-1", await VBoxManageAsync("list", "vms"));
        Assert.DoesNotContain("run-1", await VBoxManageAsync("list", "hdds"));
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(_folder, "machines")));
    }

    public async ValueTask DisposeAsync()
    {
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
        Directory.Delete(_folder, recursive: true);
    }

    private async Task MakeMachineAsync()
    {
        var disk = Path.Combine(_folder, "images", "base", "base.vdi");
        await VBoxManageAsync("createvm", "--name", "base", "--ostype", "Debian_64", "--basefolder", Path.Combine(_folder, "images"), "--register");
        await VBoxManageAsync("createmedium", "disk", "--filename", disk, "--size", "64");
        await VBoxManageAsync("storagectl", "base", "--name", "SATA", "--add", "sata");
        await VBoxManageAsync("storageattach", "base", "--storagectl", "SATA", "--port", "0", "--device", "0", "--type", "hdd", "--medium", disk);
    }

    private async Task<string> VBoxManageAsync(params string[] arguments)
    {
        var environment = new Dictionary<string, string>
        {
            ["LANG"] = "C.UTF-8",
            ["VBOX_USER_HOME"] = Path.Combine(_folder, "settings"),
            ["VBOX_IPC_SOCKETID"] = Path.GetFileName(_folder),
        };
        var (exitCode, output) = await NativeProcess.RunAsync(_program, arguments, environment);
        Assert.True(exitCode == 0, output);
        return output;
    }
}
