using Provisioner.GitHub;
using Provisioner.Hypervisors.Qemu;
using Provisioner.Hypervisors.Simulated;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.Server.Configuration;

/// <summary>The whole configuration, as it stands in the file given by <c>--config</c>. Every key has a default but the certificate. Settable, because generated JSON gives an init-only property that is absent no default.</summary>
internal sealed record ServerOptions
{
    /// <summary>Address to listen on.</summary>
    public string Host { get; set; } = "0.0.0.0";

    /// <summary>Port to listen on; 0 takes a free one and prints it.</summary>
    public int Port { get; set; } = 8080;

    /// <summary>PEM file with the server's certificate, followed by its chain where there is one.</summary>
    public string CertFile { get; set; } = "";

    /// <summary>PEM file with the certificate's private key.</summary>
    public string KeyFile { get; set; } = "";

    /// <summary>Folder of the database; made with mode 0700.</summary>
    public string DataFolder { get; set; } = "/var/lib/virtualbox-server";

    /// <summary>Name of this host in answers and logs; the machine's name when empty.</summary>
    public string Name { get; set; } = "";

    /// <summary>Which hypervisor runs the VMs.</summary>
    public HypervisorKind Hypervisor { get; set; } = HypervisorKind.VirtualBox;

    /// <summary>File of the rules that say what workflows may do; without one they may do nothing.</summary>
    public string? PolicyFile { get; set; }

    public GitHubOptions GitHub { get; set; } = new();

    public OidcOptions Oidc { get; set; } = new();

    public ClientCertificateOptions ClientCertificates { get; set; } = new();

    /// <summary>What can be asked for, by alias.</summary>
    public Dictionary<string, ImageOptions> Images { get; set; } = [];

    /// <summary>Folder of the images that <c>virtualbox-server image build</c> makes.</summary>
    public string ImageFolder { get; set; } = "/var/lib/virtualbox-server/images";

    public RunnerOptions Runner { get; set; } = new();

    /// <summary>Hardware that VMs can have, by name.</summary>
    public Dictionary<string, HardwareOptions> Hardware { get; set; } = [];

    public VmOptions Vms { get; set; } = new();

    public CapacityOptions Capacity { get; set; } = new();

    public StoreOptions Store { get; set; } = new();

    public LimitOptions Limits { get; set; } = new();

    public LegacyOptions Legacy { get; set; } = new();

    public VirtualBoxOptions VirtualBox { get; set; } = new();

    public QemuOptions Qemu { get; set; } = new();

    public SimulatedOptions Simulated { get; set; } = new();

    /// <summary>Who signs the tokens of workflows, byte for byte as in their <c>iss</c>.</summary>
    public string OidcIssuer => Oidc.Issuer ?? GitHubEndpoints.Parse(GitHub.Url).OidcIssuer;

    public string HostName => Name.Length > 0 ? Name : Environment.MachineName;
}
