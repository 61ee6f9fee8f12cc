namespace Provisioner.Hypervisors.Qemu;

/// <summary>How this host runs QEMU.</summary>
public sealed record QemuOptions
{
    /// <summary>QEMU 6.0 or later.</summary>
    public string Program { get; set; } = "qemu-system-x86_64";

    public string ImageProgram { get; set; } = "qemu-img";

    /// <summary>Used by <see cref="QemuNetwork.Passt"/>.</summary>
    public string PasstProgram { get; set; } = "passt";

    /// <summary>Used by machines with a TPM.</summary>
    public string TpmProgram { get; set; } = "swtpm";

    /// <summary>Used by <see cref="Forwards"/>: QEMU starts one for each connection.</summary>
    public string SocatProgram { get; set; } = "socat";

    /// <summary>Where machines live, each in a folder of its own. One server per folder.</summary>
    public string Folder { get; set; } = "/var/lib/virtualbox-server/qemu";

    public QemuAccelerator Accelerator { get; set; } = QemuAccelerator.Auto;

    public QemuNetwork Network { get; set; } = QemuNetwork.Passt;

    /// <summary>
    /// What a guest in the restricted network can reach, as <c>GUEST-ADDRESS:PORT=HOST-ADDRESS:PORT</c>, for example
    /// <c>10.0.2.100:8081=127.0.0.1:8081</c>. The guest's address lies in 10.0.2.0/24.
    /// </summary>
    public IList<string> Forwards { get; set; } = [];

    /// <summary>Virtual CPUs of a machine that asks for no number.</summary>
    public int DefaultCpus { get; set; } = 2;

    /// <summary>Memory in MiB of a machine that asks for no size.</summary>
    public int DefaultMemoryMegabytes { get; set; } = 2048;

    /// <summary>No machine is made when less than this would stay free in <see cref="Folder"/>'s file system, in MiB.</summary>
    public int FreeSpaceReserveMegabytes { get; set; } = 1024;

    /// <summary>QEMU's own system call filter. Only for a QEMU that was built without it.</summary>
    public bool Sandbox { get; set; } = true;

    /// <summary>How long a program may take to answer before it counts as hanging.</summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Everything that is wrong with these options, in sentences.</summary>
    public IReadOnlyList<string> FindProblems()
    {
        List<string> problems = [];
        Require(Path.IsPathFullyQualified(Folder), $"Folder must be an absolute path, not '{Folder}'.");
        Require(DefaultCpus is >= 1 and <= 256, "DefaultCpus must be between 1 and 256.");
        Require(DefaultMemoryMegabytes is >= 64 and <= 4_194_304, "DefaultMemoryMegabytes must be between 64 and 4194304.");
        Require(FreeSpaceReserveMegabytes >= 0, "FreeSpaceReserveMegabytes must not be negative.");
        Require(Deadline >= TimeSpan.FromSeconds(1), "Deadline must be a second or more.");
        Require(Forwards.Count == 0 || Network == QemuNetwork.Restricted, "Forwards need the network 'restricted'.");
        problems.AddRange(Forwards.Where(text => !GuestForward.TryParse(text, out _)).Select(text =>
            $"Forward '{text}' must be GUEST-ADDRESS:PORT=HOST-ADDRESS:PORT, such as 10.0.2.100:8081=127.0.0.1:8081."));
        return problems;

        void Require(bool condition, string problem)
        {
            if (!condition)
            {
                problems.Add(problem);
            }
        }
    }
}
