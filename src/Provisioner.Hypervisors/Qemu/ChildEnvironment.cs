using System.Diagnostics;

namespace Provisioner.Hypervisors.Qemu;

/// <summary>Programs get an environment of their own: the server's may hold its secrets, and a machine outlives the server.</summary>
internal static class ChildEnvironment
{
    private static readonly string[] Kept = ["PATH", "HOME", "TMPDIR"];

    public static ProcessStartInfo StartInfo(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var kept = Kept.Where(start.Environment.ContainsKey).ToDictionary(name => name, name => start.Environment[name]);
        start.Environment.Clear();
        foreach (var (name, value) in kept)
        {
            start.Environment[name] = value;
        }

        start.Environment["LANG"] = "C.UTF-8";
        return start;
    }
}
