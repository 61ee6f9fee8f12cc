using Provisioner.Server.Configuration;
using Provisioner.Server.Hardware;

namespace Provisioner.Server.Doctor;

/// <summary>Whether the devices of each hardware profile are there.</summary>
internal static class HardwareCheck
{
    public static Task<IReadOnlyList<Finding>> LookAsync(ServerOptions options)
    {
        var catalog = new HardwareCatalog(options);
        return Task.FromResult<IReadOnlyList<Finding>>([.. catalog.Names.Select(name => catalog.FindProblem(name) is { } problem
            ? Finding.Fail($"hardware {name}", problem, "virtualbox-server hardware list", "docs/reference/configuration.md")
            : Finding.Ok($"hardware {name}", "Its devices are there"))]);
    }
}
