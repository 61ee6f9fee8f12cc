namespace Provisioner.Server.Images.Building;

/// <summary>How an image is built: a JSON file with comments, such as <c>images/debian-13.json</c>. Settable, because generated JSON gives an init-only property that is absent no default.</summary>
internal sealed record ImageRecipe
{
    /// <summary>The image's name: the <c>source</c> of <c>images.ALIAS</c> in the configuration.</summary>
    public string Name { get; set; } = "";

    /// <summary>The disk that it begins as: a cloud image, with cloud-init.</summary>
    public SourceFile Base { get; set; } = new();

    /// <summary>The runner that goes into it. Without file and URL: the newest release on GitHub.</summary>
    public RunnerSource Runner { get; set; } = new();

    /// <summary>Size of the disk in MiB, where it is to be larger than the base's.</summary>
    public int? Disk { get; set; }

    /// <summary>Virtual CPUs of the machine that builds.</summary>
    public int Cpus { get; set; } = 2;

    /// <summary>Its memory, in MiB.</summary>
    public int Memory { get; set; } = 2048;

    /// <summary>How long the machine may take, as <c>hh:mm:ss</c>.</summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Further options of <c>setup.sh</c>, such as <c>--sudo</c>.</summary>
    public IReadOnlyList<string> Setup { get; set; } = [];
}
