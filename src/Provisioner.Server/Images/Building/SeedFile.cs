namespace Provisioner.Server.Images.Building;

/// <summary>A file of the disk that an image is built with.</summary>
internal sealed class SeedFile
{
    private readonly Func<Stream> open;

    public SeedFile(string name, Func<Stream> open)
    {
        (Name, this.open) = (name, open);
        using var content = open();
        Length = content.Length;
    }

    public string Name { get; }

    public long Length { get; }

    /// <summary>The sector in which it begins.</summary>
    public uint Extent { get; set; }

    /// <summary>Copies it, filled up to whole sectors.</summary>
    /// <exception cref="IOException">It has another length than before.</exception>
    public void CopyTo(Stream disk, int sector)
    {
        var start = disk.Position;
        using (var content = open())
        {
            content.CopyTo(disk);
        }

        if (disk.Position - start != Length)
        {
            throw new IOException($"{Name} changed while it was copied.");
        }

        disk.Write(new byte[(sector - (Length % sector)) % sector]);
    }
}
