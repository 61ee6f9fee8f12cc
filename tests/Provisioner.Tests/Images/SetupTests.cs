using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Provisioner.Tests.Images;

/// <summary>Runs the real setup.sh as root, on a copy of this machine that is thrown away: an overlay in a mount namespace.</summary>
public sealed class SetupTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("setup-").FullName;

    [Fact(Timeout = 60_000)]
    public async Task A_bake_leaves_a_runner_a_service_and_no_identity_and_can_be_repeated()
    {
        var tarball = Tarball(("run.sh", "echo hi"), ("bin/Runner.Listener", "echo hi"));

        var setup = await BakeAsync($"""
            mkdir -p /etc/ssh /opt/actions-runner && touch /etc/ssh/ssh_host_rsa_key /opt/actions-runner/old /opt/actions-runner/run.sh && echo 0123 >/etc/machine-id
            bake() ( exec {Setup} --runner-file {tarball} --runner-sha256 {Sum(tarball)} --no-packages )
            bake && bake && bake
            stat -c 'owner %U' /opt/actions-runner/run.sh
            wc -c </etc/machine-id | sed 's/^/machine-id /'
            ls /etc/ssh/ssh_host_rsa_key /opt/actions-runner/old 2>&1 | grep -c 'No such file' | sed 's/^/gone /'
            [ -x /opt/gha/configure.sh ] && [ -x /opt/gha/grow.sh ] && [ -L /etc/systemd/system/multi-user.target.wants/gha.service ] && echo service
            grep -c ^VBDP_ /etc/default/gha | sed 's/^/settings /'
            """);

        Assert.All(["owner runner", "machine-id 0", "gone 2", "service", "settings 2"], line => Assert.Contains(line + "\n", setup.Output, StringComparison.Ordinal));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_tarball_with_another_checksum_is_not_unpacked()
    {
        var tarball = Tarball(("run.sh", "echo hi"), ("bin/Runner.Listener", "echo hi"));

        var setup = await BakeAsync($"""
            {Setup} --runner-file {tarball} --runner-sha256 {new string('a', 64)} --no-packages && echo baked
            ls -d /opt/actions-runner* /opt/gha 2>/dev/null
            """);

        Assert.Contains($"its SHA-256 is {Sum(tarball)}, expected was aaaa", setup.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("baked", setup.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("/opt/actions-runner\n", setup.Output, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_tarball_that_is_no_runner_leaves_the_old_one_as_it_was()
    {
        var tarball = Tarball(("readme", "hello"));

        var setup = await BakeAsync($"""
            mkdir -p /opt/actions-runner && touch /opt/actions-runner/old /opt/actions-runner/run.sh
            {Setup} --runner-file {tarball} --runner-sha256 {Sum(tarball)} --no-packages && echo baked
            ls /opt /opt/actions-runner
            """);

        Assert.Contains("the tarball is not a runner: it has no run.sh", setup.Output, StringComparison.Ordinal);
        Assert.Contains("old\n", setup.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("actions-runner.new", setup.Output, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Setup => Repository.File("images/linux/setup.sh");

    private static string Sum(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));

    /// <summary>Runs a script in such a copy, whose /tmp is the machine's own.</summary>
    internal static async Task<Shell> BakeAsync(string script)
    {
        Shell.RequireRoot("setup.sh makes users and services, here in a throw-away copy of the machine");
        Shell.RequireProgram("systemctl");
        var overlay = await Shell.RunAsync("unshare", ["--mount", "sh", "-euc", """
            mount -t tmpfs tmpfs /mnt
            mkdir /mnt/upper /mnt/work /mnt/root
            mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root || exit 111
            mount --bind /tmp /mnt/root/tmp
            mount --bind /dev /mnt/root/dev
            exec chroot /mnt/root sh -c "$1"
            """, "sh", script]);
        if (overlay.ExitCode == 111)
        {
            Assert.Skip("needs an overlay over this machine's root, which the kernel refuses here");
        }
        return overlay;
    }

    private string Tarball(params (string Name, string Body)[] files)
    {
        var path = Path.Combine(_folder, "runner.tar.gz");
        WriteTarball(path, files);
        return path;
    }

    internal static void WriteTarball(string path, params (string Name, string Body)[] files)
    {
        using var tar = new TarWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest));
        foreach (var (name, body) in files)
        {
            var data = new MemoryStream(System.Text.Encoding.ASCII.GetBytes($"#!/bin/sh\n{body}\n"));
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = data, Mode = (UnixFileMode)0b111_101_101 });
        }
    }
}
