namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>Runs the commands that change something: only with room on the disk, and only a few at the same time.</summary>
internal sealed class VBoxChanges(VBoxManage vbox, VirtualBoxOptions options)
{
    // Not disposed of: it holds nothing, and a call may still be on its way out.
    private SemaphoreSlim Places { get; } = new(options.ParallelChanges);

    /// <summary>Runs a command that sets something, and may so be repeated.</summary>
    public async Task RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = await vbox.PersistAsync(() => TryRunAsync(arguments, options.Deadline, cancellationToken), cancellationToken);
        if (!result.Succeeded)
        {
            throw VBoxManage.Failed(arguments, result);
        }
    }

    public Task<VBoxResult> TryRunAsync(IReadOnlyList<string> arguments, TimeSpan deadline, CancellationToken cancellationToken) =>
        InPlaceAsync(
            () =>
            {
                FreeSpace.Require(options.ReserveBytes, options.MachineFolder, options.SettingsFolder);
                return vbox.TryRunAsync(arguments, deadline, cancellationToken);
            },
            cancellationToken);

    /// <summary>Runs a command that removes something: it may be repeated, and a full disk must not stop it.</summary>
    public Task<VBoxResult> TryRemoveAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        return vbox.PersistAsync(() => InPlaceAsync(Remove, cancellationToken), cancellationToken);

        Task<VBoxResult> Remove()
        {
            // The machine's own settings may be lost: they go anyway. Those of all others are rewritten.
            FreeSpace.Require(FreeSpace.ForRemoval(options), options.SettingsFolder);
            return vbox.TryRunAsync(arguments, options.Deadline, cancellationToken);
        }
    }

    private async Task<VBoxResult> InPlaceAsync(Func<Task<VBoxResult>> run, CancellationToken cancellationToken)
    {
        await Places.WaitAsync(cancellationToken);
        try
        {
            return await run();
        }
        finally
        {
            Places.Release();
        }
    }
}
