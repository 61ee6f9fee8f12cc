using System.ComponentModel;
using System.Diagnostics;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>One VBoxManage that runs: what it has said, and whether its work is over.</summary>
internal sealed class VBoxProcess : IDisposable
{
    private const long MemoryLimit = 1L << 30;

    // It waits for VirtualBox's service to end, as long as it is connected to it.
    private const string ConnectedThread = "VBoxSVCWatcher";
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);

    private readonly Process process;
    private readonly CappedPipe output;
    private readonly CappedPipe error;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource abandoned = new();

    private VBoxProcess(Process process, TimeProvider time)
    {
        this.process = process;
        this.time = time;
        // Both pipes are read while the process runs: one left unread fills up and the process never exits.
        output = new CappedPipe(process.StandardOutput.BaseStream);
        error = new CappedPipe(process.StandardError.BaseStream);
    }

    /// <summary>False when it has not yet reached VirtualBox's service, or has let go of it: what it was to do is done then.</summary>
    public bool IsConnected
    {
        get
        {
            var connected = ProcessTree.HasThread(process, ConnectedThread);
            WasConnected |= connected;
            return connected;
        }
    }

    /// <summary>Whether it was found connected once.</summary>
    public bool WasConnected { get; private set; }

    /// <summary>Whether it was ended because it used too much memory.</summary>
    public bool HasGrown { get; private set; }

    /// <summary>What it has said of errors. They come at once; its results only when it ends.</summary>
    public string Error => error.Text;

    public static VBoxProcess Start(VirtualBoxOptions options, IReadOnlyList<string> arguments, TimeProvider time)
    {
        var start = ChildEnvironment.StartInfo(options.Program, arguments);
        // In the C locale, which is what a systemd unit starts with, names that are not ASCII fail or are cut.
        start.Environment["LC_ALL"] = "C.UTF-8";
        SetIfGiven(start, "VBOX_USER_HOME", options.UserHome);
        SetIfGiven(start, "VBOX_IPC_SOCKETID", options.IpcSocketId);
        try
        {
            var process = Process.Start(start)!;
            process.StandardInput.Close();
            return new VBoxProcess(process, time);
        }
        catch (Win32Exception e)
        {
            throw new HypervisorException(HypervisorFault.ProgramMissing,
                $"VBoxManage cannot be run as '{options.Program}': {e.Message}. Install VirtualBox, or set the path of VBoxManage.", e);
        }
    }

    /// <summary>Waits for its end, and ends it when that is cancelled.</summary>
    public async Task<VBoxResult> EndAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, abandoned.Token);
        try
        {
            await WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            await ProcessTree.EndAsync(process);
            throw;
        }

        return new VBoxResult(process.ExitCode, await output.ReadAsync(time), await error.ReadAsync(time));
    }

    /// <summary>Ends it, whoever waits for it.</summary>
    public void Abandon() => abandoned.Cancel();

    public void Dispose()
    {
        output.Dispose();
        error.Dispose();
        process.Dispose();
    }

    // A VBoxManage that waited for a guest property was once seen to grow to 15 GB: none needs a gigabyte.
    private async Task WaitAsync(CancellationToken token)
    {
        var exit = process.WaitForExitAsync(token);
        while (!exit.IsCompleted)
        {
            using var look = CancellationTokenSource.CreateLinkedTokenSource(token);
            if (await Task.WhenAny(exit, Task.Delay(Look, time, look.Token)) != exit && ProcessTree.ResidentBytes(process) > MemoryLimit)
            {
                HasGrown = true;
                await ProcessTree.EndAsync(process);
            }

            await look.CancelAsync();
        }

        await exit;
    }

    private static void SetIfGiven(ProcessStartInfo start, string name, string? value)
    {
        if (value is not null)
        {
            start.Environment[name] = value;
        }
    }
}
