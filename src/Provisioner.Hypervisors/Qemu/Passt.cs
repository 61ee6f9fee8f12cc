namespace Provisioner.Hypervisors.Qemu;

/// <summary>
/// One passt per machine: the network of an unprivileged process, given to QEMU over a socket. It ends by itself when QEMU
/// lets go of the socket. https://passt.top
/// </summary>
internal sealed class Passt(QemuOptions options, TimeProvider time)
{
    public static IReadOnlyList<string> Arguments(MachineFolder folder) =>
    [
        "--foreground", "--one-off", "--quiet",
        // Or the address of the gateway would be the host's loopback.
        "--no-map-gw",
        // A guest that sets its own routes was heard by what listens on the host's ::1 (measured with Debian 12's passt).
        "--ipv4-only",
        "--tcp-ports", "none", "--udp-ports", "none",
        "--socket", "net.sock",
        "--pid", folder.PasstPidFile,
        // As root it would become nobody, who may not enter the machine's folder. It gives up its capabilities all the same.
        .. Environment.IsPrivilegedProcess ? ["--runas", "0"] : Array.Empty<string>(),
    ];

    public async Task StartAsync(MachineFolder folder, CancellationToken cancellationToken)
    {
        using var passt = DetachedProgram.Start(options.PasstProgram, Arguments(folder), folder.Path);
        try
        {
            await passt.AwaitAsync(() => File.Exists(folder.File("net.sock")), options.Deadline, time, cancellationToken);
        }
        catch
        {
            await passt.EndAsync();
            throw;
        }
    }

    /// <summary>For the one whose QEMU never came.</summary>
    public static void Stop(MachineFolder folder)
    {
        using var passt = RecordedProcess.Find(folder.PasstPidFile);
        passt?.Kill();
    }
}
