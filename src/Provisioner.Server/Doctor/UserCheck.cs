using Provisioner.Server.Configuration;

namespace Provisioner.Server.Doctor;

/// <summary>Whether this is asked by the server's own user: another has a VirtualBox of his own, and would leave files that the server cannot read.</summary>
internal static class UserCheck
{
    private const string Name = "user";
    private const string Page = "INSTALL.md";

    public static async Task<IReadOnlyList<Finding>> LookAsync(ServerOptions options, HostFacts host)
    {
        if (await HostFacts.OwnerOfAsync(options.DataFolder) is { } owner && owner != host.User)
        {
            return
            [
                Finding.Fail(
                    Name, $"You are {host.User}, and the server's data in {options.DataFolder} is {owner}'s: what follows is not what the server sees.",
                    $"sudo -u {owner} virtualbox-server doctor --config …", Page),
            ];
        }

        if (host.User == "root")
        {
            return [Finding.Warn(Name, "The server is to run as root: a guest that breaks out would have the whole host.", "Give it a user of its own: see the page.", Page)];
        }

        return options.Hypervisor == HypervisorKind.VirtualBox && await HostFacts.GroupsAsync() is { } groups && !groups.Contains("vboxusers")
            ? [Finding.Warn(Name, $"{host.User} is not in the group vboxusers: guests get no USB devices.", $"sudo usermod -aG vboxusers {host.User}", Page)]
            : [Finding.Ok(Name, host.User)];
    }
}
