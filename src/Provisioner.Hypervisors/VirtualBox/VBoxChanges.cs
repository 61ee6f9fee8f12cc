namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// Runs the commands that change something: only with room on the disk, and only a few at the same time. Each comes with a look at
/// what it was to do, because that is often done long before the command ends.
/// </summary>
internal sealed class VBoxChanges(VBoxManage vbox, VirtualBoxOptions options)
{
    // Not disposed of: it holds nothing, and a call may still be on its way out.
    private SemaphoreSlim Places { get; } = new(options.ParallelChanges);

    public Task<VBoxResult> TryRunAsync(IReadOnlyList<string> arguments, Func<Task<bool>> isDone, CancellationToken cancellationToken) =>
        TryRunAsync(arguments, options.Deadline, isDone, cancellationToken);

    public Task<VBoxResult> TryRunAsync(IReadOnlyList<string> arguments, TimeSpan deadline, Func<Task<bool>> isDone, CancellationToken cancellationToken) =>
        InPlaceAsync(
            () =>
            {
                FreeSpace.Require(options.ReserveBytes, options.MachineFolder, options.SettingsFolder);
                return vbox.TryChangeAsync(arguments, deadline, isDone, cancellationToken);
            },
            cancellationToken);

    /// <summary>Runs a command that removes something: a full disk must not stop it.</summary>
    public Task<VBoxResult> TryRemoveAsync(IReadOnlyList<string> arguments, Func<Task<bool>> isDone, CancellationToken cancellationToken) =>
        InPlaceAsync(
            () =>
            {
                // The machine's own settings may be lost: they go anyway. Those of all others are rewritten.
                FreeSpace.Require(FreeSpace.ForRemoval(options), options.SettingsFolder);
                return vbox.TryChangeAsync(arguments, options.Deadline, isDone, cancellationToken);
            },
            cancellationToken);

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
