namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>Which processes have files open, as far as this user may see: Linux tells it below /proc, others do not.</summary>
internal static class OpenFiles
{
    /// <summary>A process that has a file below this folder open.</summary>
    public static int? FindHolder(string folder)
    {
        var processes = Directory.Exists("/proc") ? Directory.EnumerateDirectories("/proc") : [];
        foreach (var process in processes)
        {
            if (int.TryParse(Path.GetFileName(process), out var pid) && Holds(process, folder + "/"))
            {
                return pid;
            }
        }

        return null;
    }

    private static bool Holds(string process, string prefix)
    {
        try
        {
            return new DirectoryInfo(process + "/fd").EnumerateFileSystemInfos()
                .Any(file => file.LinkTarget?.StartsWith(prefix, StringComparison.Ordinal) == true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended, or is another user's.
            return false;
        }
    }
}
