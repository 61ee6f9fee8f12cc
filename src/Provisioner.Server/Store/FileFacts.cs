using System.Runtime.InteropServices;

namespace Provisioner.Server.Store;

/// <summary>Whose a file of Linux is and who may write it: the file itself, not what it links to. .NET does not tell the owner.</summary>
internal readonly partial record struct FileFacts(uint Owner, uint Group, ushort Bits)
{
    // statx(2). Its answer is laid out alike on every processor, which that of stat is not.
    private const int HereIfRelative = -100;
    private const int NotBehindLinks = 0x100;
    private const uint Basics = 0x7ff;

    /// <summary>The user whose rights this process has.</summary>
    public static uint User => EffectiveUser();

    public static uint UsersGroup => EffectiveGroup();

    public bool IsLink => (Bits & 0xF000) == 0xA000;

    /// <summary>Who may do what, as chmod(1) takes it.</summary>
    public string Mode => Convert.ToString(Bits & 0xFFF, 8).PadLeft(4, '0');

    public bool IsGroupWritable => (Bits & 0x10) != 0;

    public bool IsWritableByOthers => (Bits & 0x2) != 0;

    /// <summary>In such a folder each may remove and rename only what is his own.</summary>
    public bool IsSticky => (Bits & 0x200) != 0;

    /// <summary>Null where there is nothing, or nothing that we may see.</summary>
    public static FileFacts? Of(string path)
    {
        var answer = new byte[256];
        return ExtendedStatus(HereIfRelative, path, NotBehindLinks, Basics, ref answer[0]) == 0
            ? new(BitConverter.ToUInt32(answer, 20), BitConverter.ToUInt32(answer, 24), BitConverter.ToUInt16(answer, 28))
            : null;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ExtendedStatus(int folder, string path, int flags, uint wanted, ref byte answer);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "getegid")]
    private static partial uint EffectiveGroup();
}
