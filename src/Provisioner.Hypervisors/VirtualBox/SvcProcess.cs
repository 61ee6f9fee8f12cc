using System.Globalization;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>The process of VirtualBox's service, as a person who is to look at it wants it described.</summary>
internal static class SvcProcess
{
    public static string Describe(string? socket)
    {
        var found = Directory.Exists("/proc") ? Directory.EnumerateDirectories("/proc").Where(process => IsOurs(process, socket)).ToList() : [];
        return found switch
        {
            [var process] => $"its service, VBoxSVC, is process {Path.GetFileName(process)}{(IsStopped(process) ? " and is stopped ('kill -CONT' lets it go on)" : " and hangs")}",
            [] => "its service, VBoxSVC, does not run or is another user's",
            _ => $"there are {found.Count.ToString(CultureInfo.InvariantCulture)} processes of its service, VBoxSVC",
        };
    }

    // Only those of this user tell their environment, unless this is root.
    private static bool IsOurs(string process, string? socket) =>
        Read(process + "/comm").TrimEnd() == "VBoxSVC"
        && Read(process + "/environ") is { Length: > 0 } environment
        && (socket is null || environment.Split('\0').Contains("VBOX_IPC_SOCKETID=" + socket));

    private static bool IsStopped(string process) => Read(process + "/status").Contains("State:\tT", StringComparison.Ordinal);

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
