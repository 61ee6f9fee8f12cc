using System.Text;

namespace Provisioner.Hypervisors.Qemu;

/// <summary>
/// The last of what the guest wrote to its serial console. The driver reads it from a socket into two files of 64 KiB that
/// take turns, so it can be read after the guest died and after the server restarted, and no guest can fill the disk. What
/// is written while no server runs is lost; the other ways lose more: QEMU's ring buffer dies with QEMU, and a file that
/// QEMU writes itself has no bound.
/// </summary>
internal sealed class ConsoleLog(MachineFolder folder, TimeProvider time)
{
    public const int Kept = 64 * 1024;

    // 1.6 MB/s at most: a guest that floods its console is held up, not the host.
    private const int Portion = 16 * 1024;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);

    private readonly string newer = folder.File("console.log");
    private readonly string older = folder.File("console.old");

    /// <summary>Until QEMU or the owner of the stream closes it.</summary>
    public async Task RecordAsync(Stream console)
    {
        var buffer = new byte[Portion];
        try
        {
            while (await console.ReadAsync(buffer, CancellationToken.None) is > 0 and var count)
            {
                Append(buffer.AsSpan(0, count));
                await Task.Delay(Pace, time, CancellationToken.None);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The end of the stream, said in another way.
        }
    }

    public string Read()
    {
        byte[] all = [.. ReadFile(older), .. ReadFile(newer)];
        var text = Encoding.UTF8.GetString(all.AsSpan(Math.Max(0, all.Length - Kept)));
        return text.Length <= Kept ? text : text[^Kept..];
    }

    private void Append(ReadOnlySpan<byte> text)
    {
        try
        {
            if (File.Exists(newer) && new FileInfo(newer).Length + text.Length > Kept)
            {
                File.Move(newer, older, overwrite: true);
            }

            using var file = PrivateFiles.Append(newer);
            file.Write(text);
        }
        catch (IOException)
        {
            // A full disk: the machine goes on without these lines.
        }
    }

    private static byte[] ReadFile(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
    }
}
