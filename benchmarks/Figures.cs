using System.Globalization;

namespace Provisioner.Benchmarks;

/// <summary>What the kernel says of a process: its memory, and the processor's time of it and of the programs that it ran.</summary>
internal static class Figures
{
    private const double TicksPerSecond = 100;

    public static double ResidentMegabytes(int process) => Megabytes(process, "VmRSS:");

    public static double LargestMegabytes(int process) => Megabytes(process, "VmHWM:");

    /// <summary>Seconds of the processor, of the process itself and of the children that have ended.</summary>
    public static (double Own, double Children) Processor(int process)
    {
        var fields = Stat(process);
        double Seconds(int field) => long.Parse(fields[field], CultureInfo.InvariantCulture) / TicksPerSecond;
        return (Seconds(11) + Seconds(12), Seconds(13) + Seconds(14));
    }

    /// <summary>The process of VirtualBox's service that uses these settings.</summary>
    public static int? Service(string userHome) => Named("VBoxSVC", userHome).Cast<int?>().FirstOrDefault();

    /// <summary>Calls of VBoxManage under way, without those that wait for a guest.</summary>
    public static IReadOnlyList<int> Calls(string userHome) =>
        [.. Named("VBoxManage", userHome).Where(process => Read(process, "cmdline").Split('\0') is not ["/bin/sh", ..] and not [_, "guestproperty", "wait", ..])];

    /// <summary>Seconds of the processor that the calls of a server that are under way have used so far. Those of a server before it are not its own.</summary>
    public static double Programs(string userHome, int server) => Named("VBoxManage", userHome).Sum(process =>
    {
        try
        {
            return Stat(process)[1] == $"{server}" && Processor(process) is var (own, children) ? own + children : 0;
        }
        catch (IOException)
        {
            return 0; // it has ended meanwhile
        }
    });

    // What stands behind the name, which may hold anything, in parentheses: the state, the parent, and so on.
    private static string[] Stat(int process) => File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1].Split(' ');

    private static IEnumerable<int> Named(string name, string userHome) =>
        from folder in Directory.EnumerateDirectories("/proc")
        let process = int.TryParse(Path.GetFileName(folder), out var id) ? id : 0
        where process > 0 && Read(process, "comm").TrimEnd() == name && Read(process, "environ").Contains(userHome, StringComparison.Ordinal)
        select process;

    private static double Megabytes(int process, string key)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith(key, StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
    }

    private static string Read(int process, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // it has ended meanwhile
        }
    }
}
