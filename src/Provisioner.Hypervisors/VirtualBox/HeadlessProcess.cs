using System.ComponentModel;
using System.Diagnostics;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>The process in which a machine runs, found by the machine's UUID in its command line.</summary>
internal static class HeadlessProcess
{
    public static bool TryKill(string uuid)
    {
        var killed = false;
        foreach (var process in Process.GetProcessesByName("VBoxHeadless"))
        {
            using (process)
            {
                killed |= Runs(process, uuid) && TryKill(process);
            }
        }

        return killed;
    }

    /// <summary>The process of a machine with this UUID, whoever registered and started it.</summary>
    public static int? Find(string uuid)
    {
        int? found = null;
        foreach (var process in Process.GetProcessesByName("VBoxHeadless"))
        {
            using (process)
            {
                found = Runs(process, uuid) ? process.Id : found;
            }
        }

        return found;
    }

    private static bool Runs(Process process, string uuid)
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Id}/cmdline").Split('\0').Contains(uuid);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static bool TryKill(Process process)
    {
        try
        {
            process.Kill();
            return true;
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            return false;
        }
    }
}
