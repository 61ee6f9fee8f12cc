using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Simulated;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;
using Provisioner.Tests.Client.Fakes;
using Provisioner.Tests.Programs;
using Provisioner.Tests.Server;

namespace Provisioner.Tests.CancelledSteps;

/// <summary>One step that is interrupted at one point by one signal, with a server and a network of its own.</summary>
internal sealed class CancelRun : IAsyncDisposable
{
    private const string Id = "vbx-1";
    private const string Other = "other";

    private readonly CancelPoint _point;
    private readonly string _signal;
    private readonly RunningServer _server;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cancel-");
    private readonly List<FileStream> _pipes = [];
    private ProductProgram? _client;

    private CancelRun(CancelPoint point, string signal, RunningServer server)
    {
        (_point, _signal, _server) = (point, signal, server);
        Wire = new Wire(server.Http.BaseAddress!.Port, point.Wire);
    }

    public Wire Wire { get; }

    private VmTable Vms => _server.Services.GetRequiredService<VmTable>();

    public static async Task<CancelRun> PrepareAsync(CancelPoint point, string signal)
    {
        var server = await RunningServer.StartAsync(options =>
        {
            options.Vms.ReviewPeriod = TimeSpan.FromMilliseconds(200);
            options.DataFolder = MemoryFolder.In(options.DataFolder);
            point.Server(options);
        });
        if (point.Hangs is { } step)
        {
            server.Hypervisor.Faults.Add(new SimulatedFault { Step = step, Kind = SimulatedFaultKind.Hang });
        }

        if (point.GitHub is { } fault)
        {
            server.GitHub.Faults.Add(fault);
        }

        return new CancelRun(point, signal, server);
    }

    /// <summary>Runs to the point, interrupts there, and sees everything go. True if that was left to the server's deadlines. <paramref name="post"/>: the runner lives on, and runs the post step.</summary>
    public async Task<bool> PlayAsync(bool post)
    {
        await StartAsync();
        await _point.ReachAsync(this);
        await _client!.SignalAsync(_signal);
        foreach (var pipe in _point.Pipes)
        {
            _ = OpenPipe(pipe);
        }

        var exit = await _client.ExitAsync();
        Assert.True(exit == Expected(exit), $"Exit code {exit}:\n{_client.Output}");
        if (post && _point.Pipes.Count == 0)
        {
            using var second = ProductProgram.Start("virtualbox-client", Environment(State()), "action", "post");
            await second.ExitAsync();
        }

        await Wire.SeverAsync();
        if (_point.HostIsFull)
        {
            (await _server.Http.DeleteAsync($"/v1/vms/{Other}", TestContext.Current.CancellationToken)).Dispose();
            await _server.UntilGoneAsync(Other);
        }

        var left = Vms.Find(VmId.Parse(Id)) is { Wanted: Wanted.Present };
        if (left)
        {
            LetDeadlinesCome();
        }

        while (Vms.Live() is { Count: > 0 })
        {
            await _server.UntilGoneAsync(Id);
        }

        await _server.AssertNothingLeftAsync();
        return left && _signal != "KILL" && _point.DeletesItself;
    }

    /// <summary>Where nobody deletes, the deadlines do. They are short only from here on, so that a slow machine reaches the point first.</summary>
    private void LetDeadlinesCome()
    {
        var soon = TimeSpan.FromSeconds(1);
        var options = _server.Services.GetRequiredService<ServerOptions>().Vms;
        (options.BootTimeout, options.RegistrationTimeout, options.IdleTimeout) = (soon, soon, soon);
        Vms.Change(VmId.Parse(Id), row => row with { ExpiresAt = TimeProvider.System.GetUtcNow() + 2 * soon });
    }

    public string Story() => $"{_client?.Output}\n{string.Join('\n', Vms.List().Select(vm => $"{vm.Id} {vm.Phase}: {vm.Reason}"))}";

    public Task LineAsync(string text) => _client!.LineAsync(text);

    public async Task UntilKnownAsync()
    {
        using var following = _server.Services.GetRequiredService<VmNews>().Follow(null);
        while (Vms.Find(VmId.Parse(Id)) is null)
        {
            await following.WaitAsync(TimeSpan.FromSeconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public async Task UntilPhaseAsync(VmPhase phase)
    {
        await UntilKnownAsync();
        await _server.FollowAsync(Id, change => change.Phase == phase);
    }

    /// <summary>Lets the client write to a pipe, until it has written a text.</summary>
    public async Task DrainAsync(string pipe, string until)
    {
        using var reader = new StreamReader(OpenPipe(pipe), leaveOpen: true);
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is not { } line || !line.Contains(until, StringComparison.Ordinal))
        {
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        _pipes.ForEach(pipe => pipe.Dispose());
        await Wire.DisposeAsync();
        var data = _server.Services.GetRequiredService<ServerOptions>().DataFolder;
        await _server.DisposeAsync();
        if (Directory.Exists(data))
        {
            Directory.Delete(data, recursive: true);
        }

        _folder.Delete(recursive: true);
    }

    private async Task StartAsync()
    {
        foreach (var pipe in _point.Pipes)
        {
            using var made = System.Diagnostics.Process.Start("mkfifo", PathOf(pipe));
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        if (_point.HostIsFull)
        {
            await _server.CreateVmAsync(Other);
            await _server.FollowAsync(Other, change => change.Phase == VmPhase.Cloning);
        }

        if (_point.Mode is "post" or "delete")
        {
            await _server.CreateVmAsync(Id);
            await _server.FollowAsync(Id, change => change.Phase == VmPhase.Booting);
        }

        if (_point.ServerIsAway)
        {
            await Wire.SeverAsync();
        }

        _client = ProductProgram.Start(
            "virtualbox-client",
            Environment(_point.Mode == "post" ? new Dictionary<string, string> { ["STATE_vm_id"] = Id } : []),
            _point.Mode == "post" ? ["action", "post"] : ["action"]);
    }

    /// <summary>As both ends, which waits for nobody: who waits to write goes on.</summary>
    private FileStream OpenPipe(string name)
    {
        _pipes.Add(new FileStream(PathOf(name), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite));
        return _pipes[^1];
    }

    private int Expected(int exit) => _signal switch
    {
        "KILL" => exit is 137 or 0 ? exit : 137,
        _ => _point.DeletesItself ? 130 : exit is 130 or 143 or 0 ? exit : 130, // 143: its own work was done
    };

    private Dictionary<string, string> State()
    {
        var written = File.Exists(PathOf("state")) ? File.ReadAllText(PathOf("state")) : "";
        var state = new Dictionary<string, string>();
        foreach (var name in new[] { "started", "vm_id", "ready" })
        {
            if (StepRun.Value(written, name) is { } value)
            {
                state[$"STATE_{name}"] = value;
            }
        }

        return state;
    }

    private Dictionary<string, string> Environment(Dictionary<string, string> state)
    {
        var certificate = X509CertificateLoader.LoadCertificateFromFile(_server.Services.GetRequiredService<ServerOptions>().CertFile);
        return new Dictionary<string, string>(state)
        {
            ["GITHUB_ACTIONS"] = "true",
            ["GITHUB_REPOSITORY"] = "acme/gpu",
            ["GITHUB_RUN_ID"] = "7001",
            ["GITHUB_OUTPUT"] = PathOf("output"),
            ["GITHUB_STATE"] = PathOf("state"),
            ["GITHUB_STEP_SUMMARY"] = PathOf("summary"),
            ["INPUT_SERVER"] = $"https://localhost:{Wire.Port}",
            ["INPUT_SERVER-FINGERPRINT"] = $"sha256:{certificate.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256)}",
            ["INPUT_API-TOKEN"] = _server.Token.Text,
            ["INPUT_MODE"] = _point.Mode,
            ["INPUT_IMAGE"] = "debian-12",
            ["INPUT_ID"] = Id,
        };
    }

    private string PathOf(string file) => Path.Combine(_folder.FullName, file);
}
