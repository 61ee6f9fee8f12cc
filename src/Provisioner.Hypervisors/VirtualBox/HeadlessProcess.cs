using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// The processes in which machines run, found by the machine's UUID in their command lines, which Linux shows to every user: such a
/// process was started with root's rights, and shows nothing else.
/// </summary>
internal static class HeadlessProcess
{
    private const int MostBytes = 4096;

    /// <summary>All machines that have a process on this host, whoever registered and started them.</summary>
    public static IReadOnlyDictionary<Guid, int> FindAll()
    {
        var found = new Dictionary<Guid, int>();
        foreach (var process in Directory.Exists("/proc") ? Directory.EnumerateDirectories("/proc") : [])
        {
            if (int.TryParse(Path.GetFileName(process.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && MachineOf(pid) is { } uuid)
            {
                found[uuid] = pid;
            }
        }

        return found;
    }

    /// <summary>Whether this process still is that of the machine. One that has ended, and that nobody has asked for its end, is not.</summary>
    public static bool Runs(int pid, Guid uuid) => MachineOf(pid) == uuid;

    public static int? Find(string uuid) => FindAll().TryGetValue(Guid.Parse(uuid), out var pid) ? pid : null;

    /// <summary>Kills the process of a machine of this user. Another user's may have the same UUID: it is not ours, also where this user may kill it.</summary>
    public static bool TryKill(string uuid)
    {
        try
        {
            if (Find(uuid) is not { } pid || !IsOfThisUser(pid))
            {
                return false;
            }

            using var process = Process.GetProcessById(pid);
            // Only now is it certain that the number still is that of the machine's process.
            if (!Runs(pid, Guid.Parse(uuid)))
            {
                return false;
            }

            process.Kill();
            return true;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return false;
        }
    }

    /// <summary>The machine that this command line starts; null when it is another program's.</summary>
    public static Guid? Parse(ReadOnlySpan<byte> commandLine)
    {
        // Before anything is made of it: this sees every process of the host.
        if (commandLine.IndexOf("--startvm\0"u8) < 0)
        {
            return null;
        }

        var arguments = Encoding.UTF8.GetString(commandLine).Split('\0');
        var program = Path.GetFileName(arguments[0]);
        var option = Array.IndexOf(arguments, "--startvm");
        return program is "VBoxHeadless" or "VirtualBoxVM" && option + 1 < arguments.Length && Guid.TryParse(arguments[option + 1], out var uuid)
            ? uuid
            : null;
    }

    // Who started it: with root's rights it looks like root's from outside.
    private static bool IsOfThisUser(int pid)
    {
        try
        {
            return UserOf(File.ReadAllText($"/proc/{pid}/status")) == UserOf(File.ReadAllText("/proc/self/status"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string? UserOf(string status) =>
        status.Split('\n').FirstOrDefault(line => line.StartsWith("Uid:", StringComparison.Ordinal))?.Split('\t')[1];

    private static Guid? MachineOf(int pid)
    {
        Span<byte> buffer = stackalloc byte[MostBytes];
        try
        {
            using var file = File.OpenHandle($"/proc/{pid}/cmdline", share: FileShare.ReadWrite | FileShare.Delete);
            return Parse(buffer[..RandomAccess.Read(file, buffer, 0)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
