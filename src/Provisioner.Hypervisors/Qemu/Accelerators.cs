namespace Provisioner.Hypervisors.Qemu;

/// <summary>
/// Chooses between KVM and software emulation. That <c>/dev/kvm</c> exists says little: it may be closed to us, or belong to a
/// nested host that lacks half a processor. So a boot sector is run the way machines are, once in the driver's life.
/// </summary>
internal sealed class Accelerators(QemuOptions options, TimeProvider time)
{
    private const string Device = "/dev/kvm";

    // Ten times what software emulation needs, with room for a busy host.
    private static readonly TimeSpan ProbeDeadline = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private Task<AcceleratorChoice>? choice;

    public Task<AcceleratorChoice> ChooseAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            // Kept, unless the probe itself could not be made: a missing program may be installed meanwhile.
            choice = choice is null or { IsFaulted: true } ? ChooseAsync() : choice;
            return choice.WaitAsync(cancellationToken);
        }
    }

    private async Task<AcceleratorChoice> ChooseAsync() =>
        options.Accelerator == QemuAccelerator.Tcg
            ? new AcceleratorChoice(Kvm: false, CanStart: true, "Software emulation (tcg), as configured.")
            : Choose(FindObstacle() ?? await ProbeAsync());

    private AcceleratorChoice Choose(string? obstacle) => obstacle switch
    {
        null => new AcceleratorChoice(Kvm: true, CanStart: true, "Hardware virtualisation (kvm)."),
        _ when options.Accelerator == QemuAccelerator.Kvm =>
            new AcceleratorChoice(Kvm: true, CanStart: false, $"KVM is demanded by the configuration, but {obstacle}"),
        _ => new AcceleratorChoice(Kvm: false, CanStart: true, $"Software emulation (tcg), many times slower than KVM: {obstacle}"),
    };

    private static string? FindObstacle()
    {
        if (!File.Exists(Device))
        {
            return $"{Device} does not exist. Switch on virtualisation in the firmware and load kvm_intel or kvm_amd.";
        }

        try
        {
            using var device = File.Open(Device, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return $"{Environment.UserName} may not open {Device}. Add that user to the group kvm.";
        }
        catch (IOException e)
        {
            return $"{Device} cannot be opened: {e.Message}";
        }
    }

    private async Task<string?> ProbeAsync()
    {
        var folder = Directory.CreateTempSubdirectory("vbdp-probe-");
        try
        {
            var disk = Path.Combine(folder.FullName, "disk");
            await File.WriteAllBytesAsync(disk, BootSector.MakeDisk());
            var result = await ExternalProgram.RunAsync(options.Program, Arguments(disk), ProbeDeadline, time, CancellationToken.None);

            // A warning means a processor that lacks what it announces: what boots on it today may crash tomorrow.
            return result is { ExitCode: BootSector.ExitCode, Error: "" }
                ? null
                : $"{Device} exists but does not run a machine rightly ({result.FirstError}).";
        }
        catch (HypervisorException e) when (e.Fault == HypervisorFault.TimedOut)
        {
            return $"{Device} exists but did not finish a boot sector in {ProbeDeadline.TotalSeconds:0} s.";
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IReadOnlyList<string> Arguments(string disk) =>
    [
        .. QemuArguments.Machine(kvm: true),
        "-nodefaults", "-no-user-config", "-display", "none", "-m", "64",
        "-drive", $"file={disk},format=raw,if=ide,readonly=off",
        "-device", $"isa-debug-exit,iobase={BootSector.ExitPort},iosize=1",
    ];
}
