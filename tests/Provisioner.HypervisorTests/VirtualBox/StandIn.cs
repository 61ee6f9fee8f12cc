using System.Diagnostics;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>A process that looks like that of a running machine. It ends with the test that started it.</summary>
internal sealed class StandIn : IDisposable
{
    private readonly Process process;

    private StandIn(Process process) => this.process = process;

    public int Id => process.Id;

    /// <param name="name">The machine's name.</param>
    /// <param name="uuid">The machine's UUID.</param>
    /// <param name="user">Whose process it is to be; only root may choose.</param>
    public static StandIn Start(string name, Guid uuid, int? user = null) => new(Process.Start(new ProcessStartInfo(user is null ? "bash" : "setpriv",
    [
        .. user is { } id ? (string[])[$"--reuid={id}", "--clear-groups", "bash"] : [], "-c", "exec -a /usr/lib/virtualbox/VBoxHeadless bash -c 'read -r' \"$@\"", "bash",
        "--comment", name, "--startvm", uuid.ToString(), "--vrde", "config",
    ])
    { RedirectStandardInput = true })!);

    /// <summary>Ends it, as a machine's process ends when its guest has powered off.</summary>
    public void End()
    {
        process.StandardInput.Close();
        process.WaitForExit();
    }

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}
