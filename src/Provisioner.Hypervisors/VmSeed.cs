using System.Text.Json.Serialization;

namespace Provisioner.Hypervisors;

/// <summary>
/// A disk of a machine's own, ISO 9660 in the form of cloud-init's NoCloud, that its guest reads when it boots. It is made in the machine's
/// folder before the machine is complete, and goes with it. Nothing on it is secret.
/// </summary>
/// <param name="Digest">Of all that is on it, but for the machine's name: where two are the same, guests are told the same.</param>
/// <param name="Write">Writes the disk of one machine.</param>
public sealed record VmSeed(string Digest, [property: JsonIgnore] Action<VmId, Stream> Write)
{
    internal const string FileName = "seed.iso";

    /// <summary>For the server's user alone, and whole on the disk before anything points to it.</summary>
    internal void Save(string folder, VmId id)
    {
        using var disk = PrivateFiles.Create(Path.Combine(folder, FileName));
        Write(id, disk);
        disk.Flush(flushToDisk: true);
    }
}
