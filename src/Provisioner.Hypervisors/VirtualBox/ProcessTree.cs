using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>Ends a process and its children the way VirtualBox needs it: asked first, then forced, and always awaited.</summary>
internal static partial class ProcessTree
{
    private const int Sigterm = 15;
    private const int Sigkill = 9;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    // SIGTERM lets VBoxManage cancel a clone and clean up within a second; after SIGKILL VBoxSVC finishes the clone by itself.
    // The configured program may be a wrapper (sudo, a script): it and VBoxManage are signalled each, and each is awaited.
    public static async Task EndAsync(Process process)
    {
        if (HasEnded(process))
        {
            return;
        }

        var tree = Descendants(process.Id).Append(process.Id).Select(pid => (Pid: pid, Born: BirthOf(pid))).ToList();
        tree.ForEach(member => Signal(member, Sigterm));
        // Processes end in real time, whatever the clock of those who ask.
        var started = TimeProvider.System.GetTimestamp();
        while (tree.Exists(IsAlive))
        {
            await Task.Delay(Look, TimeProvider.System);
            var waited = TimeProvider.System.GetElapsedTime(started);
            if (waited > 2 * Patience)
            {
                return; // it belongs to somebody else, or hangs in the kernel: nobody can end it
            }

            if (waited > Patience)
            {
                tree.ForEach(member => Signal(member, Sigkill));
            }
        }
    }

    public static long ResidentBytes(Process process)
    {
        try
        {
            process.Refresh();
            return process.HasExited ? 0 : process.WorkingSet64;
        }
        catch (InvalidOperationException)
        {
            return 0;
        }
    }

    /// <summary>Whether one of the processes has a thread of this name. Linux tells; others never.</summary>
    public static bool HasThread(Process process, string name)
    {
        try
        {
            return !process.HasExited && Descendants(process.Id).Append(process.Id).SelectMany(Threads).Contains(name);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static bool HasEnded(Process process)
    {
        try
        {
            return process.HasExited;
        }
        catch (InvalidOperationException)
        {
            return true; // somebody has disposed of it since
        }
    }

    private static void Signal((int Pid, string Born) member, int signal)
    {
        if (IsAlive(member))
        {
            _ = Kill(member.Pid, signal);
        }
    }

    // Not one that has ended and is still listed, nor another that was given its number.
    private static bool IsAlive((int Pid, string Born) member) => member.Born.Length > 0 && BirthOf(member.Pid) == member.Born;

    // When it was started, in ticks since the host was (proc(5): the 22nd word of its stat); nothing once it has ended.
    private static string BirthOf(int pid)
    {
        var stat = Read($"/proc/{pid}/stat");
        var words = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words is [not ("Z" or "X"), ..] && words.Length > 19 ? words[19] : "";
    }

    private static IEnumerable<int> Descendants(int pid)
    {
        foreach (var word in ChildrenOf(pid).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var child = int.Parse(word, CultureInfo.InvariantCulture);
            foreach (var descendant in Descendants(child).Append(child))
            {
                yield return descendant;
            }
        }
    }

    private static IEnumerable<string> Threads(int pid)
    {
        try
        {
            return [.. Directory.EnumerateDirectories($"/proc/{pid}/task").Select(task => Read(task + "/comm").TrimEnd())];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string ChildrenOf(int pid) => Read($"/proc/{pid}/task/{pid}/children");

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile, or this is no Linux.
            return "";
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
