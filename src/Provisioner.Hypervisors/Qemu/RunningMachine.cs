namespace Provisioner.Hypervisors.Qemu;

/// <summary>
/// The three connections to the QEMU of one machine: control, guest port and console. They come and go with the server;
/// QEMU stays. When QEMU closes them it is ending, and all that the guest said before has been read by then.
/// </summary>
internal sealed class RunningMachine : IAsyncDisposable
{
    private static readonly TimeSpan TimeToExit = TimeSpan.FromSeconds(10);

    private readonly MachineFolder folder;
    private readonly TimeProvider time;
    private readonly Lock keeping = new();
    private readonly Action<VmObservation> observe;
    private readonly Action<RunningMachine> ended;
    private readonly CancellationTokenSource letGo = new();
    private QmpConnection qmp = null!;
    private GuestPort? port;
    private Stream console = null!;
    private Task introduction = Task.CompletedTask;
    private bool expectsFirstOpening;

    private RunningMachine(MachineFolder folder, TimeProvider time, Action<VmObservation> observe, Action<RunningMachine> ended) =>
        (this.folder, Saved, this.time, this.observe, this.ended) = (folder, folder.Load(), time, observe, ended);

    public VmId Id => folder.Id;

    /// <summary>What its file tells of it.</summary>
    private SavedMachine Saved { get; set; }

    /// <summary>QEMU has paused the machine because the host's disk is full.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>Completes when QEMU is no more, or we have let go of it.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>
    /// Connects. After <see cref="Begin"/>, what is heard is told to <paramref name="observe"/>, and <paramref name="ended"/> is
    /// called when QEMU has ended, by itself or by our will, but not when we let go of it.
    /// </summary>
    /// <exception cref="IOException">QEMU does not speak to us.</exception>
    public static async Task<RunningMachine> ConnectAsync(
        MachineFolder folder, TimeProvider time, Action<VmObservation> observe, Action<RunningMachine> ended, CancellationToken cancellationToken)
    {
        var machine = new RunningMachine(folder, time, observe, ended);
        machine.qmp = await QmpConnection.OpenAsync(await SocketAsync(folder, "qmp.sock", cancellationToken), machine.Take, cancellationToken);
        try
        {
            machine.IsPaused = (await machine.qmp.ExecuteAsync("query-status", cancellationToken)).Text("status") == "io-error";
            machine.console = await SocketAsync(folder, "console.sock", cancellationToken);
            machine.port = new GuestPort(await SocketAsync(folder, "guest.sock", cancellationToken), time);
            return machine;
        }
        catch
        {
            await machine.qmp.DisposeAsync();
            throw;
        }
    }

    /// <summary>Begins to listen. The guest of a machine that was just started cannot have opened its port yet.</summary>
    public void Begin(bool justStarted)
    {
        expectsFirstOpening = justStarted;
        Ended = LiveAsync();
        introduction = IntroduceAsync(askForReport: true);
    }

    /// <summary>Tells the guest for whom it works, and whoever connects to it after a restart.</summary>
    public Task LabelAsync(GuestLabels labels, CancellationToken cancellationToken)
    {
        Keep(machine => machine with { Label = labels.Label, Owner = labels.Owner, Repository = labels.Repository });
        return port!.IntroduceAsync(Saved, cancellationToken);
    }

    private void Keep(Func<SavedMachine, SavedMachine> change)
    {
        lock (keeping)
        {
            Saved = change(Saved);
            folder.Save(Saved);
        }
    }

    public Task ConfigureAsync(GuestConfiguration configuration, CancellationToken cancellationToken) =>
        port!.ConfigureAsync(configuration, cancellationToken);

    /// <summary>Stops the guest, and writes what it is now into its disk.</summary>
    /// <exception cref="IOException">QEMU could not.</exception>
    public async Task SaveAsync(string state, CancellationToken cancellationToken)
    {
        await qmp.ExecuteAsync("stop", cancellationToken);
        await new QmpJob(qmp, time).RunAsync("snapshot-save", new() { Tag = state, Vmstate = QemuArguments.DiskNode, Devices = [QemuArguments.DiskNode] }, cancellationToken);
    }

    public Task PressPowerButtonAsync(CancellationToken cancellationToken) => qmp.ExecuteAsync("system_powerdown", cancellationToken);

    public Task QuitAsync(CancellationToken cancellationToken) => qmp.ExecuteAsync("quit", cancellationToken);

    /// <summary>Lets go of the machine, which runs on.</summary>
    public async ValueTask DisposeAsync()
    {
        await letGo.CancelAsync();
        await qmp.DisposeAsync();
        await port!.DisposeAsync();
        await console.DisposeAsync();
        await introduction;
        await Ended;
    }

    private static async Task<Stream> SocketAsync(MachineFolder folder, string socket, CancellationToken cancellationToken) =>
        await FolderSocket.TryConnectAsync(folder.File(socket), cancellationToken)
        ?? throw new IOException($"The QEMU of {folder.Id} does not listen on {socket}.");

    private async Task LiveAsync()
    {
        await Task.WhenAll(qmp.Closed, ReadReportsAsync(), new ConsoleLog(folder, time).RecordAsync(console));
        if (letGo.IsCancellationRequested)
        {
            return;
        }

        using var process = RecordedProcess.Find(folder.PidFile);
        if (process is not null)
        {
            await process.AwaitExitAsync(TimeToExit, time, CancellationToken.None);
        }

        ended(this);
    }

    private async Task ReadReportsAsync()
    {
        await foreach (var report in port!.ReadAsync())
        {
            observe(new VmObservation(Id, report));
        }
    }

    private void Take(QmpMessage message)
    {
        switch (message.Event)
        {
            case "BLOCK_IO_ERROR" when message.Text("action") == "stop":
                IsPaused = true;
                observe(new VmObservation(Id, null));
                break;
            case "RESUME":
                IsPaused = false;
                observe(new VmObservation(Id, null));
                break;
            case "VSERPORT_CHANGE" when message.Data is { } data && data.GetProperty("open").GetBoolean():
                Reopened();
                break;
        }
    }

    // What was sent before the guest opened its port waits there for it. A guest that opens it again (a restarted service, a
    // reboot) has forgotten who it is. It is not asked for its phase, or one that opens the port for each line would never end.
    private void Reopened()
    {
        if (!expectsFirstOpening && port is not null)
        {
            introduction = IntroduceAsync(askForReport: false);
        }

        expectsFirstOpening = false;
    }

    private async Task IntroduceAsync(bool askForReport)
    {
        try
        {
            await introduction;
            // Whoever finds it running with its state named is the one to tell it.
            var goesOn = Saved.State is not null;
            if (goesOn)
            {
                await port!.TellTimeAsync(time.GetUtcNow(), letGo.Token);
            }

            await port!.IntroduceAsync(Saved, letGo.Token);
            if (askForReport)
            {
                await port!.AskForReportAsync(letGo.Token);
            }

            if (goesOn)
            {
                Keep(machine => machine with { State = null }); // no two guests go on from one state: they would draw the same random numbers
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // QEMU is ending, or we are.
        }
    }
}
