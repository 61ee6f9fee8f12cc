using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;

namespace Provisioner.Server.Images;

/// <summary>
/// Removes versions that nobody needs: not the one in use, not the one that a rollback returns to, none that a VM stands on, and
/// none that was in use within the last hour, because a clone of it may be on its way.
/// </summary>
internal sealed class ImageCleanup(ServerOptions options, ImageFolder folder, TimeProvider time)
{
    public static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    /// <summary>What goes, and what stays and why, as sentences.</summary>
    /// <param name="isRehearsal">Nothing is removed.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="HypervisorException">It cannot be told what VMs stand on; nothing was removed then.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(bool isRehearsal, CancellationToken cancellationToken)
    {
        using var one = folder.Lock();
        await using var builder = ImageTools.Builder(options, folder, time);
        var told = new List<string>();
        foreach (var name in folder.Names.ToList())
        {
            foreach (var version in folder.Versions(name))
            {
                var image = folder.BaseOf(name, version);
                // Looked at last, and anew for each: removing takes a while.
                var reason = Reason(name, version) ?? (await builder.IsInUseAsync(image, cancellationToken) ? "a VM stands on it" : null);
                told.Add(reason is null ? $"{name} {version.Version}: {(isRehearsal ? "would go" : "removed")}" : $"{name} {version.Version}: stays, {reason}");
                if (reason is null && !isRehearsal)
                {
                    folder.Forget(name, version.Version);
                    await builder.RemoveAsync(image, folder.FolderOf(name, version.Version), cancellationToken);
                }
            }
        }

        return told;
    }

    private string? Reason(string name, ImageManifest version)
    {
        var promoted = folder.Promoted(name);
        return version.Version == promoted?.Current ? "it is in use"
            : version.Version == promoted?.Previous ? "a rollback returns to it"
            : promoted is null || time.GetUtcNow() - promoted.Since < Grace ? "the promotion is less than an hour old"
            : string.CompareOrdinal(version.Version, promoted.Current) > 0 ? "it is newer than the one in use, and may yet be promoted"
            : null;
    }
}
