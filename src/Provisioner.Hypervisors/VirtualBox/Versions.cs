namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>Which VirtualBox this is, asked once: it does not change under a running VBoxSVC.</summary>
internal sealed class Versions(VBoxManage vbox)
{
    private VBoxVersion? known;

    public async Task<VBoxVersion> GetAsync(CancellationToken cancellationToken) => known ??= await ReadAsync(cancellationToken);

    public async Task<VBoxVersion> ReadAsync(CancellationToken cancellationToken)
    {
        var output = await vbox.RunAsync(["--version"], cancellationToken);
        var version = VBoxVersion.Parse(output);
        return version is { IsSupported: true }
            ? version
            : throw new HypervisorException(HypervisorFault.ProgramMissing,
                $"VirtualBox 6.1 or later is needed, and this is '{output.Trim()}'. Install a newer one, or repair this one.");
    }
}
