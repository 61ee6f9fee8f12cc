namespace Provisioner.Hypervisors.Qemu;

/// <summary>
/// The smallest operating system: counts down from 50 million and leaves QEMU through its debug exit port. A processor does
/// that in some 20 ms, software emulation in 200; a KVM that really interprets each instruction takes minutes.
/// </summary>
internal static class BootSector
{
    public const int ExitPort = 0xf4;

    /// <summary>QEMU's exit code is the written value doubled plus one.</summary>
    public const int ExitCode = (0x2a << 1) | 1;

    public static byte[] MakeDisk()
    {
        // The BIOS reads no disk that is shorter than a track.
        var disk = new byte[1 << 20];
        byte[] code =
        [
            0x66, 0xb9, 0x80, 0xf0, 0xfa, 0x02, // mov ecx, 50000000
            0x66, 0x49,                         // dec ecx
            0x75, 0xfc,                         // jnz back to the line above
            0xba, ExitPort, 0x00,               // mov dx, port
            0xb0, 0x2a,                         // mov al, value
            0xee,                               // out dx, al
            0xf4,                               // hlt
        ];
        code.CopyTo(disk, 0);
        disk[510] = 0x55;
        disk[511] = 0xaa;
        return disk;
    }
}
