using Provisioner.Hypervisors;

namespace Provisioner.HypervisorTests;

/// <summary>What a driver brings to the specs: a hypervisor in a folder of its own, images, and what cannot be done here.</summary>
public abstract class HypervisorRig : IAsyncDisposable
{
    protected HypervisorRig() => Folder = Directory.CreateTempSubdirectory("vbdp-spec-").FullName;

    /// <summary>Everything that the driver writes is below it. Short, because paths of sockets are limited.</summary>
    public string Folder { get; }

    /// <summary>An image that boots the shipped guest scripts, or anything that keeps the guest contract.</summary>
    public abstract BaseImage Image { get; }

    /// <summary>An image that exists in some way, yet cannot be cloned: no snapshot, not a disk.</summary>
    public abstract BaseImage UnusableImage { get; }

    /// <summary>Why machines cannot be started here; null where they can.</summary>
    public abstract string? CannotStart { get; }

    /// <summary>Why started machines run no guest that reports; null where they do.</summary>
    public virtual string? HasNoGuest => CannotStart;

    /// <summary>What the guest is given as its just-in-time configuration.</summary>
    public virtual GuestConfiguration Configuration { get; } = new(Convert.ToBase64String(new byte[3000]));

    /// <summary>A new driver on the same folder: what a restarted server makes. The specs dispose of it.</summary>
    public abstract IHypervisor Open();

    /// <summary>Makes a machine on the same hypervisor that is not ours, by the hypervisor's name for it.</summary>
    public abstract Task AddForeignAsync(string name, CancellationToken cancellationToken);

    public abstract Task<bool> HasForeignAsync(string name, CancellationToken cancellationToken);

    /// <summary>The files that machines of ours have now. None may be left when the machines are gone.</summary>
    public virtual IEnumerable<string> FilesOfMachines() => Directory.EnumerateFileSystemEntries(Folder, "*", SearchOption.AllDirectories);

    public virtual ValueTask DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
