using System.Buffers.Binary;
using System.Text;

namespace Provisioner.Server.Images.Building;

/// <summary>
/// Writes the read-only disk that an image is built with: ISO 9660 with Joliet's names, one folder, as NoCloud wants it. No library for
/// it can be had that is kept and small. The format: ECMA-119, and the Joliet specification for the second set of names.
/// </summary>
internal static class SeedDisk
{
    private const int Sector = 2048;
    private const int FirstDescriptor = 16;
    private const int PathTables = 19;
    private const int FirstFolder = 23;
    private const int PathTableLength = 10;
    private const int LongestName = 64;

    /// <param name="disk">Where it is written to, from its present position on.</param>
    /// <param name="label">By which the guest finds it: <c>cidata</c>.</param>
    /// <param name="files">Names of 1 to 64 characters, and what is in them, below 4 GiB each.</param>
    /// <param name="made">What it says of its age.</param>
    /// <exception cref="ArgumentException">A name or a file is too long.</exception>
    public static void Write(Stream disk, string label, IReadOnlyDictionary<string, Func<Stream>> files, DateTimeOffset made)
    {
        var sorted = files.OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => new SeedFile(file.Key, file.Value)).ToList();
        if (sorted.Find(file => file.Name.Length is 0 or > LongestName || file.Length > uint.MaxValue) is { } bad)
        {
            throw new ArgumentException($"'{bad.Name}' has no name, one of more than {LongestName} characters, or is of 4 GiB or more.", nameof(files));
        }

        var plain = sorted.Select((_, index) => Encoding.ASCII.GetBytes($"F{index:D7}.BIN;1")).ToList();
        var joliet = sorted.Select(file => Encoding.BigEndianUnicode.GetBytes(file.Name)).ToList();
        var folders = new[] { FolderSectors(plain), FolderSectors(joliet) };
        var next = (uint)(FirstFolder + folders.Sum());
        foreach (var file in sorted)
        {
            file.Extent = next;
            next += Sectors(file.Length);
        }

        Span<byte> head = new byte[(FirstFolder + folders.Sum()) * Sector];
        WriteDescriptor(SectorAt(head, FirstDescriptor, 1), label, next, made, FirstFolder, folders[0], joliet: false);
        WriteDescriptor(SectorAt(head, FirstDescriptor + 1, 1), label, next, made, FirstFolder + folders[0], folders[1], joliet: true);
        WriteEnd(SectorAt(head, FirstDescriptor + 2, 1));
        WritePathTables(head, FirstFolder, FirstFolder + folders[0]);
        WriteFolder(SectorAt(head, FirstFolder, folders[0]), FirstFolder, sorted, plain, made);
        WriteFolder(SectorAt(head, FirstFolder + folders[0], folders[1]), FirstFolder + folders[0], sorted, joliet, made);
        disk.Write(head);
        sorted.ForEach(file => file.CopyTo(disk, Sector));
    }

    private static uint Sectors(long bytes) => (uint)((bytes + Sector - 1) / Sector);

    private static Span<byte> SectorAt(Span<byte> head, int sector, int count) => head.Slice(sector * Sector, count * Sector);

    // A record does not cross the end of a sector.
    private static int FolderSectors(IEnumerable<byte[]> names)
    {
        var used = 2 * RecordLength(1);
        foreach (var name in names)
        {
            used = Place(used, RecordLength(name.Length)) + RecordLength(name.Length);
        }

        return (int)Sectors(used);
    }

    private static int Place(int at, int length) => (at / Sector) == ((at + length - 1) / Sector) ? at : ((at / Sector) + 1) * Sector;

    private static int RecordLength(int name) => (33 + name + 1) / 2 * 2;

    private static void WriteFolder(Span<byte> folder, int extent, List<SeedFile> files, List<byte[]> names, DateTimeOffset made)
    {
        var at = WriteRecord(folder, (uint)extent, (uint)folder.Length, made, isFolder: true, [0]);
        at += WriteRecord(folder[at..], (uint)extent, (uint)folder.Length, made, isFolder: true, [1]);
        for (var i = 0; i < files.Count; i++)
        {
            at = Place(at, RecordLength(names[i].Length));
            at += WriteRecord(folder[at..], files[i].Extent, (uint)files[i].Length, made, isFolder: false, names[i]);
        }
    }

    private static int WriteRecord(Span<byte> to, uint extent, uint length, DateTimeOffset made, bool isFolder, ReadOnlySpan<byte> name)
    {
        var utc = made.UtcDateTime;
        to[0] = (byte)RecordLength(name.Length);
        WriteBoth(to[2..], extent);
        WriteBoth(to[10..], length);
        ReadOnlySpan<byte> date = [(byte)(utc.Year - 1900), (byte)utc.Month, (byte)utc.Day, (byte)utc.Hour, (byte)utc.Minute, (byte)utc.Second, 0];
        date.CopyTo(to[18..]);
        to[25] = isFolder ? (byte)2 : (byte)0;
        WriteBoth16(to[28..], 1);
        to[32] = (byte)name.Length;
        name.CopyTo(to[33..]);
        return to[0];
    }

    private static void WriteDescriptor(Span<byte> to, string label, uint sectors, DateTimeOffset made, int folder, int folderSectors, bool joliet)
    {
        to[0] = joliet ? (byte)2 : (byte)1;
        "CD001"u8.CopyTo(to[1..]);
        to[6] = 1;
        WriteText(to.Slice(8, 32), "", joliet);
        WriteText(to.Slice(40, 32), label, joliet);
        WriteBoth(to[80..], sectors);
        if (joliet)
        {
            "%/E"u8.CopyTo(to[88..]);
        }

        WriteBoth16(to[120..], 1);
        WriteBoth16(to[124..], 1);
        WriteBoth16(to[128..], Sector);
        WriteBoth(to[132..], PathTableLength);
        var table = (uint)(PathTables + (joliet ? 2 : 0));
        BinaryPrimitives.WriteUInt32LittleEndian(to[140..], table);
        BinaryPrimitives.WriteUInt32BigEndian(to[148..], table + 1);
        WriteRecord(to[156..], (uint)folder, (uint)(folderSectors * Sector), made, isFolder: true, [0]);
        WriteText(to.Slice(190, 623), "", joliet);
        foreach (var date in new[] { 813, 830 })
        {
            Encoding.ASCII.GetBytes($"{made.UtcDateTime:yyyyMMddHHmmss}00").CopyTo(to[date..]);
        }

        foreach (var date in new[] { 847, 864 })
        {
            to.Slice(date, 16).Fill((byte)'0');
        }

        to[881] = 1;
    }

    private static void WriteText(Span<byte> to, string text, bool joliet)
    {
        var encoding = joliet ? Encoding.BigEndianUnicode : Encoding.ASCII;
        var bytes = encoding.GetBytes(text.PadRight(joliet ? to.Length / 2 : to.Length));
        bytes.AsSpan().CopyTo(to);
    }

    private static void WriteEnd(Span<byte> to)
    {
        to[0] = 255;
        "CD001"u8.CopyTo(to[1..]);
        to[6] = 1;
    }

    // Each names the root alone, for the two sets of names, in both orders of bytes.
    private static void WritePathTables(Span<byte> head, int folder, int jolietFolder)
    {
        for (var i = 0; i < 4; i++)
        {
            var table = SectorAt(head, PathTables + i, 1);
            var extent = (uint)(i < 2 ? folder : jolietFolder);
            table[0] = 1;
            if (i % 2 == 0)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(table[2..], extent);
                BinaryPrimitives.WriteUInt16LittleEndian(table[6..], 1);
            }
            else
            {
                BinaryPrimitives.WriteUInt32BigEndian(table[2..], extent);
                BinaryPrimitives.WriteUInt16BigEndian(table[6..], 1);
            }
        }
    }

    private static void WriteBoth(Span<byte> to, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(to, value);
        BinaryPrimitives.WriteUInt32BigEndian(to[4..], value);
    }

    private static void WriteBoth16(Span<byte> to, ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(to, value);
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], value);
    }
}
