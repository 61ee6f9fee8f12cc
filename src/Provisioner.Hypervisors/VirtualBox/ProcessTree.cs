using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>Ends a process and its children the way VirtualBox needs it: asked first, then forced, and always awaited.</summary>
internal static partial class ProcessTree
{
    private const int Sigterm = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // SIGTERM lets VBoxManage cancel a clone and clean up within a second; after SIGKILL VBoxSVC finishes the clone by itself.
    public static async Task EndAsync(Process process, TimeProvider time)
    {
        try
        {
            Terminate(process);
            using var patience = new CancellationTokenSource(Patience, time);
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            // It has exited by itself.
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

    // The configured program may be a wrapper (sudo, a script): a signal to it alone would leave VBoxManage behind.
    private static void Terminate(Process process)
    {
        if (process.HasExited)
        {
            return;
        }

        foreach (var pid in Descendants(process.Id).Append(process.Id).ToArray())
        {
            _ = Kill(pid, Sigterm);
        }
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
