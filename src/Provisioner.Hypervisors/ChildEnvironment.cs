using System.Diagnostics;

namespace Provisioner.Hypervisors;

/// <summary>
/// Programs get an environment of their own: the server's may hold its secrets, and a machine (and VirtualBox's service, which the first
/// VBoxManage starts) keeps what it was started with for as long as it runs.
/// </summary>
internal static class ChildEnvironment
{
    // USER and LOGNAME name the service of VirtualBox that is spoken to, XDG_CONFIG_HOME its settings.
    private static readonly string[] Kept = ["PATH", "HOME", "TMPDIR", "USER", "LOGNAME", "XDG_CONFIG_HOME"];

    public static ProcessStartInfo StartInfo(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => !IsKept(name)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["LANG"] = "C.UTF-8";
        return start;
    }

    private static bool IsKept(string name) => Kept.Contains(name) || name.StartsWith("VBOX_", StringComparison.Ordinal);
}
