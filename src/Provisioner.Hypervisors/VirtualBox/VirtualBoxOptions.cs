namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>How the VirtualBox of this host is reached and used.</summary>
public sealed record VirtualBoxOptions
{
    /// <summary>The VBoxManage program: a path, or a name that is looked up in the PATH.</summary>
    public string Program { get; set; } = "VBoxManage";

    /// <summary>The folder of our machines, and of nothing else. Absolute; made when missing.</summary>
    public string MachineFolder { get; set; } = "/var/lib/virtualbox-server/machines";

    /// <summary>VirtualBox's settings folder (<c>VBOX_USER_HOME</c>); VirtualBox's own choice when absent.</summary>
    public string? UserHome { get; set; }

    /// <summary>Which VirtualBox service to speak to (<c>VBOX_IPC_SOCKETID</c>); the one of this user when absent.</summary>
    public string? IpcSocketId { get; set; }

    /// <summary>A folder in memory for the files that hand secrets to VBoxManage. Each lives for one call, readable by this user only.</summary>
    public string SecretFolder { get; set; } = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    /// <summary>The device of VirtualBox's kernel driver; without it machines cannot be started.</summary>
    public string KernelDriver { get; set; } = "/dev/vboxdrv";

    /// <summary>No machine is made or changed when less than this is free: on a full disk VirtualBox empties settings files.</summary>
    public long ReserveBytes { get; set; } = 2L * 1024 * 1024 * 1024;

    /// <summary>How long one call may take. VBoxManage sometimes stays for ten seconds after its work, so keep this well above that.</summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a machine's process may take to come up.</summary>
    public TimeSpan StartDeadline { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>How long VirtualBox may keep a machine locked after it was switched off.</summary>
    public TimeSpan UnlockPatience { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a machine that is switched off may still run before its process is killed.</summary>
    public TimeSpan SwitchOffPatience { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long VirtualBox's service may keep silent, a call and then another waiting for it, before calls fail without being made.</summary>
    public TimeSpan SilencePatience { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many calls may change something at the same time. VirtualBox does them one after the other anyway.</summary>
    public int ParallelChanges { get; set; } = 4;

    /// <summary>How often it is looked which machines run.</summary>
    public TimeSpan PowerInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long one wait for a guest's report lasts before it is renewed.</summary>
    public TimeSpan WaitRenewal { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Everything that is wrong with these options, in sentences.</summary>
    public IReadOnlyList<string> FindProblems()
    {
        List<string> problems = [];
        if (!Path.IsPathFullyQualified(MachineFolder))
        {
            problems.Add($"machineFolder '{MachineFolder}' is not an absolute path; VirtualBox would put it below its settings.");
        }

        if (!Directory.Exists(SecretFolder))
        {
            problems.Add($"secretFolder '{SecretFolder}' does not exist; make it, in memory, or leave the setting out.");
        }

        if (ReserveBytes < 0)
        {
            problems.Add($"reserveBytes is {ReserveBytes}; it cannot be less than 0.");
        }

        if (ParallelChanges < 1)
        {
            problems.Add($"parallelChanges is {ParallelChanges}; at least 1 is needed.");
        }

        if (new[] { Deadline, StartDeadline, UnlockPatience, SwitchOffPatience, SilencePatience, PowerInterval, WaitRenewal }.Min() <= TimeSpan.Zero)
        {
            problems.Add("deadline, startDeadline, unlockPatience, switchOffPatience, silencePatience, powerInterval and waitRenewal must be longer than zero.");
        }

        return problems;
    }

    /// <summary>The folder whose VirtualBox.xml lists all machines: it must never fill up either.</summary>
    internal string SettingsFolder =>
        UserHome
        ?? Environment.GetEnvironmentVariable("VBOX_USER_HOME")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "VirtualBox");
}
