using System.Text;

namespace Provisioner.Server.Images.Building;

/// <summary>The disk that tells a cloud image what to do: NoCloud's user-data starts <c>build.sh</c>, which lies beside it with all that it needs.</summary>
internal static class BuildSeed
{
    private const string UserData =
        """
        #cloud-config
        # Made by virtualbox-server image build. The seed's own scripts do the work.
        runcmd:
          - [sh, -c, "mkdir -p /run/vbdp-seed && mount -o ro LABEL=cidata /run/vbdp-seed && exec sh /run/vbdp-seed/build.sh"]

        """;

    /// <param name="path">Where the disk is written to.</param>
    /// <param name="id">What tells this machine from others to cloud-init.</param>
    /// <param name="runner">Path of the runner's tarball.</param>
    /// <param name="sha256">Its checksum, which the guest checks once more.</param>
    /// <param name="setup">Further options of <c>setup.sh</c>.</param>
    /// <param name="now">What the disk says of its age.</param>
    public static void Write(string path, string id, string runner, string sha256, IEnumerable<string> setup, DateTimeOffset now)
    {
        string[] arguments = ["--runner-file", "/run/vbdp-seed/runner.tar.gz", "--runner-sha256", sha256, .. setup];
        var files = new Dictionary<string, Func<Stream>>
        {
            ["user-data"] = Text(UserData),
            ["meta-data"] = Text($"instance-id: {id}\n"),
            ["setup-arguments"] = Text(string.Concat(arguments.Select(argument => argument + "\n"))),
            ["runner.tar.gz"] = () => File.OpenRead(runner),
        };
        foreach (var (name, open) in GuestScripts.All)
        {
            files[name] = open;
        }

        using var disk = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        SeedDisk.Write(disk, "cidata", files, now);
    }

    private static Func<Stream> Text(string text) => () => new MemoryStream(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n")));
}
