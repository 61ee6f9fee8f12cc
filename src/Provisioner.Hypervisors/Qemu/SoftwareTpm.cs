namespace Provisioner.Hypervisors.Qemu;

/// <summary>One swtpm per machine that has a TPM. Its state lies in the machine's folder, and it ends by itself when QEMU lets go of it. https://github.com/stefanberger/swtpm</summary>
internal sealed class SoftwareTpm(QemuOptions options, TimeProvider time)
{
    private const string Socket = "tpm.sock";

    // It is started in the machine's folder.
    public static IReadOnlyList<string> Arguments(MachineFolder folder) =>
    [
        "socket", "--tpm2",
        "--tpmstate", "dir=.,mode=0600",
        "--ctrl", $"type=unixio,path={Socket},mode=0600",
        "--pid", PidArgument(folder),
        "--terminate",
    ];

    public async Task StartAsync(MachineFolder folder, CancellationToken cancellationToken)
    {
        if (folder.Path.Contains(',', StringComparison.Ordinal))
        {
            throw new HypervisorException(HypervisorFault.CannotStart, $"A TPM cannot be kept in {folder.Path}: swtpm takes no comma in a path. Move qemu.folder.");
        }

        using var swtpm = DetachedProgram.Start(options.TpmProgram, Arguments(folder), folder.Path);
        try
        {
            await swtpm.AwaitAsync(() => File.Exists(folder.File(Socket)), options.Deadline, time, cancellationToken);
        }
        catch
        {
            await swtpm.EndAsync();
            throw;
        }
    }

    /// <summary>For the one whose QEMU never came.</summary>
    public static void Stop(MachineFolder folder)
    {
        using var swtpm = RecordedProcess.Find(folder.TpmPidFile, PidArgument(folder));
        swtpm?.Kill();
    }

    private static string PidArgument(MachineFolder folder) => $"file={folder.TpmPidFile}";
}
