using Provisioner.Server.Configuration;

namespace Provisioner.Server.Doctor;

/// <summary>Whether the unit of the server, where there is one, lets VMs start and live through a restart.</summary>
internal static class UnitCheck
{
    private const string Name = "unit";
    private const string Page = "docs/explanation/security.md";

    // Each implies NoNewPrivileges, with which the set-user-id programs of VirtualBox cannot start a machine (systemd.exec(5)).
    private static readonly string[] Harmful =
    [
        "NoNewPrivileges", "PrivateDevices", "ProtectKernelTunables", "ProtectKernelModules", "ProtectKernelLogs", "ProtectClock", "ProtectHostname",
        "MemoryDenyWriteExecute", "LockPersonality", "RestrictRealtime", "RestrictSUIDSGID", "DynamicUser",
    ];

    public static async Task<IReadOnlyList<Finding>> LookAsync(ServerOptions options)
    {
        var shown = await HostProgram.AskAsync("systemctl", "show", "virtualbox-server", "-p", "LoadState", "-p", "KillMode", "-p", string.Join(',', Harmful));
        return shown is null ? [] : Judge(options.Hypervisor, shown);
    }

    /// <param name="hypervisor">What runs the machines.</param>
    /// <param name="shown">What <c>systemctl show</c> prints: a line <c>Name=value</c> for each property.</param>
    public static IReadOnlyList<Finding> Judge(HypervisorKind hypervisor, string shown)
    {
        var unit = shown.Split('\n').Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1]);
        if (unit.GetValueOrDefault("LoadState") != "loaded")
        {
            return [];
        }

        var harmful = Harmful.Where(name => unit.GetValueOrDefault(name) == "yes").ToList();
        List<Finding> findings = [];
        if (hypervisor == HypervisorKind.VirtualBox && harmful.Count > 0)
        {
            findings.Add(Finding.Fail(Name, $"VirtualBox cannot start machines under {string.Join(", ", harmful)}.", "Take that out: sudo systemctl edit virtualbox-server", Page));
        }

        if (unit.GetValueOrDefault("KillMode") is not ("process" or "none"))
        {
            findings.Add(Finding.Fail(Name, $"A restart of the server ends all VMs (KillMode={unit.GetValueOrDefault("KillMode")}).", "KillMode=process, by: sudo systemctl edit virtualbox-server", Page));
        }

        return findings.Count > 0 ? findings : [Finding.Ok(Name, "VMs can start under it, and live through its restart")];
    }
}
