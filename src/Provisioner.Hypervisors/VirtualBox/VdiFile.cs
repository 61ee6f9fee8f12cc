using System.Buffers.Binary;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>What a VDI says of itself, read without VirtualBox.</summary>
internal static class VdiFile
{
    private const uint Signature = 0xBEDA107F;
    private const int SignatureAt = 0x40;
    private const int SizeAt = 0x170;

    /// <summary>The size that its guest sees, in MiB. Null when it is no VDI, or not to be read.</summary>
    public static long? ReadMegabytes(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var header = new byte[SizeAt + sizeof(long)];
            file.ReadExactly(header);
            return BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(SignatureAt)) == Signature
                ? BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(SizeAt)) >> 20
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
