using Provisioner.Contracts;
using Provisioner.GitHubSimulator;

namespace Provisioner.CrashMatrix;

/// <summary>
/// One cell of the matrix: a server dies at a point, is started again, and all that was asked of it ends well. Either a VM runs
/// or nothing is left of it, never two for one key; in the end nothing is left at all, but what belongs to others.
/// </summary>
internal sealed partial class CrashRun(Plan plan, MachineHost host, Template template, Simulator gitHub, string folder) : IAsyncDisposable
{
    private const int Attempts = 4;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly List<AskedVm> vms = [];
    private readonly List<string> lives = [];
    private ServerProcess? server;

    private string Repository { get; } = $"acme/{plan.Point.Name}-{plan.Seed}";

    private string Configuration => Path.Combine(folder, "server.json");

    private string Database => Path.Combine(folder, "data", "provisioner.db");

    private ServerProcess Server => server!;

    private bool IsWarm => plan.Point.Way is Way.Warm or Way.Saved;

    private int Warm => IsWarm ? 1 + plan.Neighbours : 0;

    /// <summary>How many servers died.</summary>
    public int Crashes { get; private set; }

    /// <summary>How many VMs ran after the crash.</summary>
    public int Running { get; private set; }

    /// <summary>How many VMs were asked for.</summary>
    public int Asked => vms.Count;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(host.Folder, OwnerOnly);
        await host.AddStrangersAsync(cancellationToken);
        var before = host.Fingerprint();
        host.Begin(plan);
        using var names = new SeenNames(host.Folder);
        Prepare();
        await CrashAsync(cancellationToken);
        if (plan.CutsPower)
        {
            host.CutPower();
        }

        await StartAsync(plan.Then, cancellationToken);
        await SettleAsync(cancellationToken);
        await InheritAsync(cancellationToken);
        await RemoveAllAsync(cancellationToken);
        await CheckRowsAsync(cancellationToken);
        await CoolAsync(cancellationToken);
        await AwaitSweepAsync(before, cancellationToken);
        await Server.StopAsync(cancellationToken);
        await CheckNothingLeftAsync(before, cancellationToken);
        names.RequireOnly(vms.Select(vm => host.NameOf(vm.Id)), isAllowed: name => IsWarm && name.StartsWith("vbdp-warm-", StringComparison.Ordinal));
    }

    /// <summary>What the servers of this run said, for who has to find out.</summary>
    public string Story() => string.Join('\n', lives.Append(server?.Output ?? ""));

    public async ValueTask DisposeAsync()
    {
        await (server?.DisposeAsync() ?? ValueTask.CompletedTask);
        await host.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private void Prepare()
    {
        Configure(Warm);
        Directory.CreateDirectory(Path.GetDirectoryName(Database)!, OwnerOnly);
        File.Copy(template.Database, Database);
    }

    private void Configure(int warm)
    {
        var configuration = template.Configure(Path.GetDirectoryName(Database)!);
        host.Configure(configuration, plan);
        configuration["images"]!["base"]![plan.Point.Way == Way.Saved ? "saved" : "warm"] = warm;
        configuration["vms"]!["saveAfter"] = "00:00:00";
        File.WriteAllText(Configuration, configuration.ToJsonString());
    }

    /// <summary>The next server is to keep none warm: what stands goes.</summary>
    private async Task CoolAsync(CancellationToken cancellationToken)
    {
        if (IsWarm)
        {
            await Server.StopAsync(cancellationToken);
            Configure(warm: 0);
            await StartAsync(null, cancellationToken);
            Crashes--; // it was stopped
        }
    }

    /// <summary>Has the server die at the point.</summary>
    private async Task CrashAsync(CancellationToken cancellationToken)
    {
        if (plan.Point.Way == Way.Sweep)
        {
            await StrayAsync(cancellationToken);
        }

        await StartAsync(plan.Point.Way == Way.Sweep ? plan.Point.Name : $"{plan.Point.Name}:{plan.Times}", cancellationToken);
        await Caller.AwaitWarmAsync(Server, Warm, cancellationToken);
        for (var attempt = 0; attempt < Attempts && plan.Point.Way != Way.Sweep && !await Server.HasCrashedAsync(cancellationToken); attempt++)
        {
            var asked = Enumerable.Range(0, attempt == 0 ? 1 + plan.Neighbours : 1).Select(_ => Ask()).ToList();
            var isFirst = attempt == 0;
            await Task.WhenAll(asked.Select(vm => LiveAsync(vm, isFirst, cancellationToken)));
        }

        if (plan.Point.Way == Way.Sweep)
        {
            await Server.Ended.WaitAsync(cancellationToken);
        }

        BrokenPromiseException.Unless(await Server.HasCrashedAsync(cancellationToken), "The point was never reached.");
        if (vms.Count == 0)
        {
            Ask(); // nobody had asked yet: the next server may be
        }
    }

    /// <summary>Leaves a machine that no row wants: the server dies after a clone, and its database is put back.</summary>
    private async Task StrayAsync(CancellationToken cancellationToken)
    {
        await StartAsync(Hypervisors.CrashPoint.Cloned, cancellationToken);
        var vm = Ask();
        await Caller.CreateAsync(Server, vm, Repository, cancellationToken);
        await Server.Ended.WaitAsync(cancellationToken);
        BrokenPromiseException.Unless(await Server.HasCrashedAsync(cancellationToken), "The clone was never made.");
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(Database)!, "provisioner.db*"))
        {
            File.Delete(file);
        }

        File.Copy(template.Database, Database);
        vm.IsAnswered = false; // nobody remembers
    }

    private AskedVm Ask()
    {
        var number = vms.Count;
        var vm = new AskedVm(template.Caller, $"key-{plan.Point.Name}-{plan.Seed}-{number}", plan.NamesIds ? $"{plan.Point.Name}-{plan.Seed}-{number}" : null)
        {
            // The first has the device. A stray keeps it from everybody until it is swept up, and who has wishes takes no warm VM: nobody asks for it then.
            Hardware = number == 0 && plan.Point.Way is not (Way.Sweep or Way.Warm or Way.Saved) ? host.Hardware : null,
        };
        vms.Add(vm);
        return vm;
    }

    /// <summary>A VM's life until the server dies or nothing more happens by itself.</summary>
    private async Task LiveAsync(AskedVm vm, bool isFirst, CancellationToken cancellationToken)
    {
        if (!await Caller.CreateAsync(Server, vm, Repository, cancellationToken))
        {
            return;
        }

        if (plan.Point.Way is Way.Delete || (plan.Point.Way is Way.Down && isFirst))
        {
            await Task.Delay(isFirst ? host.DeleteWithin * plan.DeleteAfter : TimeSpan.Zero, TimeProvider.System, cancellationToken);
            await Caller.DeleteAsync(Server, vm, cancellationToken);
        }

        var rests = plan.Point.Way is Way.Job ? (Func<VmPhase, bool>)(phase => phase is VmPhase.Gone) : phase => phase is VmPhase.Online or VmPhase.Gone;
        var reached = await Caller.FollowAsync(Server, vm, rests, cancellationToken);
        if (reached == VmPhase.Online && plan.Point.Way is Way.Down or Way.Delete)
        {
            await Caller.DeleteAsync(Server, vm, cancellationToken);
            await Caller.FollowAsync(Server, vm, phase => phase == VmPhase.Gone, cancellationToken);
        }
    }

    /// <summary>Asks again where a client would, and waits until each VM runs or is gone.</summary>
    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        foreach (var vm in vms.Where(vm => vm.IsAnswered ? plan.AsksAgain : plan.Insists))
        {
            await InsistAsync(() => Caller.CreateAsync(Server, vm, Repository, cancellationToken), cancellationToken);
        }

        foreach (var vm in vms)
        {
            await InsistAsync(() => IsSettledAsync(vm, cancellationToken), cancellationToken);
        }

        // One that lost its power while it was being saved has no state to go on from, and boots for whoever takes it.
        var mayBootAgain = plan is { CutsPower: true, Point.Way: Way.Saved };
        BrokenPromiseException.Unless(mayBootAgain || host.StartedTwice() is null, $"A machine was started twice: {host.StartedTwice()}");
    }

    private async Task<bool> IsSettledAsync(AskedVm vm, CancellationToken cancellationToken)
    {
        var reached = await Caller.FollowAsync(Server, vm, phase => phase is VmPhase.Online or VmPhase.Busy or VmPhase.Gone, cancellationToken);
        if (reached is VmPhase.Online or VmPhase.Busy)
        {
            Running++; // its events are told from the beginning: by now it may be on its way out, which is waited for below
        }

        return reached is not null;
    }

    private async Task RemoveAllAsync(CancellationToken cancellationToken)
    {
        foreach (var vm in vms)
        {
            if (vm == heir)
            {
                await InsistAsync(() => HasInheritedAsync(cancellationToken), cancellationToken);
            }

            if (plan.DeletesAtTheEnd || !plan.HasJob)
            {
                await InsistAsync(() => Caller.DeleteAsync(Server, vm, cancellationToken), cancellationToken);
            }

            await InsistAsync(
                async () => await Caller.FollowAsync(Server, vm, phase => phase == VmPhase.Gone, cancellationToken) is not null, cancellationToken);
        }
    }

    /// <summary>Does something until it is answered: a server that was armed again is replaced by one that is not.</summary>
    private async Task InsistAsync(Func<Task<bool>> act, CancellationToken cancellationToken)
    {
        while (!await act())
        {
            BrokenPromiseException.Unless(await Server.HasCrashedAsync(cancellationToken), "The server did not answer.");
            await StartAsync(null, cancellationToken);
        }
    }

    private async Task StartAsync(string? crashAt, CancellationToken cancellationToken)
    {
        if (server is not null)
        {
            Crashes++;
            lives.Add($"{server.Output}--- killed; the next one is to be killed at: {crashAt ?? "nothing"}");
            await server.DisposeAsync();
        }

        server = await ServerProcess.StartAsync(template, Configuration, crashAt, cancellationToken);
    }
}
