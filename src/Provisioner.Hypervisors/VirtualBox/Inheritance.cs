namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>Takes from a fresh clone what it inherited from the image's machine and must not have.</summary>
internal sealed class Inheritance(VBoxHost host)
{
    /// <summary>The options of modifyvm that remove inherited port forwardings: each opens a port of the host.</summary>
    public static IEnumerable<string> WithoutForwardings(VmInfo clone) =>
        clone.Forwardings.SelectMany(f => new[] { $"--natpf{f.Nic}", "delete", f.Rule });

    public async Task RemoveAsync(SeenMachine clone, CancellationToken cancellationToken)
    {
        foreach (var folder in clone.Info?.SharedFolders ?? [])
        {
            await host.Changes.RunAsync(["sharedfolder", "remove", clone.Uuid, "--name", folder], cancellationToken);
        }

        await RemoveExtraDataAsync(clone, cancellationToken);
        await RemovePropertiesAsync(clone, cancellationToken);
    }

    // VBoxInternal keys configure devices: they belong to the image's hardware, as its disks do.
    private async Task RemoveExtraDataAsync(SeenMachine clone, CancellationToken cancellationToken)
    {
        var keys = GuestPropertyText.ParseKeys(await host.Manage.RunAsync(["getextradata", clone.Uuid, "enumerate"], cancellationToken));
        foreach (var key in keys.Where(key => !key.StartsWith("VBoxInternal", StringComparison.Ordinal)))
        {
            await host.Changes.RunAsync(["setextradata", clone.Uuid, key], cancellationToken);
        }
    }

    // What an earlier life of the image's machine reported, or was told, would be taken for this one's.
    private async Task RemovePropertiesAsync(SeenMachine clone, CancellationToken cancellationToken)
    {
        var inherited = await EnumerateAsync(clone, cancellationToken);
        foreach (var name in GuestPropertyText.ParseNames(inherited))
        {
            await host.Changes.TryRunAsync(["guestproperty", "unset", clone.Uuid, name], host.Options.Deadline, cancellationToken);
        }

        if (IsEmpty(inherited) || IsEmpty(await EnumerateAsync(clone, cancellationToken)))
        {
            return;
        }

        throw new HypervisorException(HypervisorFault.ImageUnusable,
            "The image's machine has guest properties that a clone cannot get rid of. Remove them from it with 'VBoxManage guestproperty unset', and take a new snapshot.");
    }

    private Task<string> EnumerateAsync(SeenMachine clone, CancellationToken cancellationToken) =>
        host.Manage.RunAsync(["guestproperty", "enumerate", clone.Uuid], cancellationToken);

    private static bool IsEmpty(string properties) =>
        properties.Trim().Length == 0 || properties.StartsWith("No properties found", StringComparison.Ordinal);
}
