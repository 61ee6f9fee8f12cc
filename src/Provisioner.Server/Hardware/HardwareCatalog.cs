using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;

namespace Provisioner.Server.Hardware;

/// <summary>The hardware profiles of the configuration, and whether a VM can have each now. The host is looked at anew each time: plugs are pulled.</summary>
internal sealed class HardwareCatalog(ServerOptions options)
{
    /// <summary>Null for a simulated host that has whatever is asked for.</summary>
    private readonly HostDevices? _devices = options switch
    {
        { Hypervisor: not HypervisorKind.Simulated } => new HostDevices(),
        { Simulated.HostFolder: { } folder } => new HostDevices(folder),
        _ => null,
    };

    public IEnumerable<string> Names => options.Hardware.Keys.Order(StringComparer.Ordinal);

    public HardwareOptions? Find(string? name) => name is null ? null : options.Hardware.GetValueOrDefault(name);

    /// <summary>The profile that a VM of an image gets: the one that was asked for, or the image's.</summary>
    public string? NameFor(string image, string? asked) => asked ?? options.Images.GetValueOrDefault(image)?.Hardware;

    /// <summary>Why no VM can have a profile now; null when one can, if nobody else has it.</summary>
    public string? FindProblem(string? name)
    {
        if (_devices is null || Find(name) is not { } profile)
        {
            return null;
        }

        var hardware = profile.ToHardware();
        string?[] problems = [HardwareCheck.FindProblem(hardware, _devices), .. FindTwins().Where(twin => hardware.Leases.Contains(twin.Lease)).Select(twin => twin.Problem), OfQemu(hardware)];
        return string.Join(' ', problems.OfType<string>()) is { Length: > 0 } all ? all : null;
    }

    /// <summary>The devices of all profiles that no VM can have now, by the names of their leases, each with the reason.</summary>
    public IReadOnlyDictionary<string, string> FindAbsent() => _devices is null ? new Dictionary<string, string>() :
        options.Hardware.Values.SelectMany(profile => HardwareCheck.FindMissing(profile.ToHardware(), _devices)).Concat(FindTwins())
            .DistinctBy(missing => missing.Lease).ToDictionary(missing => missing.Lease, missing => missing.Problem);

    /// <summary>Serial ports that are one port by two paths: two leases, and two VMs could have it.</summary>
    private IEnumerable<(string Lease, string Problem)> FindTwins() =>
        from same in options.Hardware.Values.SelectMany(profile => profile.Serial).Distinct().GroupBy(path => _devices!.Resolve(path))
        where same.Key is not null && same.Count() > 1
        from path in same
        select ($"serial:{path}", $"The serial port {path} is also named {string.Join(" and ", same.Where(other => other != path))} in the configuration. Use one path for it.");

    private string? OfQemu(VmHardware hardware) => options.Hypervisor != HypervisorKind.Qemu ? null
        : hardware.Tpm && !IsInstalled(options.Qemu.TpmProgram) ? $"A TPM needs the program '{options.Qemu.TpmProgram}', which is not there. Install it (Debian, Ubuntu: apt install swtpm), or set qemu.tpmProgram."
        : hardware.Nested == true && _devices!.AllowsNested() == false ? "Nested virtualisation is switched off in the kernel. Write 'options kvm_intel nested=1' (or kvm_amd) below /etc/modprobe.d, and load the module again."
        : null;

    public static bool IsInstalled(string program) => program.Contains('/', StringComparison.Ordinal)
        ? File.Exists(program)
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, program)));
}
