using System.Security.Cryptography;
using Provisioner.Hypervisors;
using Provisioner.Server.Images.Building;

namespace Provisioner.Tests.Images;

/// <summary>Runs the real seed.sh and setup.sh as root, on a copy of this machine that is thrown away. The seed is a folder there.</summary>
public sealed class SeedScriptTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("seed-script-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact(Timeout = 60_000)]
    public async Task A_machine_without_scripts_gets_them_and_one_that_has_them_is_left_alone()
    {
        var update = await RunAsync("""
            seed --install
            [ -x /opt/gha/seed.sh ] && [ -L /etc/systemd/system/multi-user.target.wants/gha.service ] && echo installed
            cat /opt/told; : >/opt/told
            seed --update; echo "again $?"; cat /opt/told
            echo '# old' >>/opt/gha/configure.sh
            seed --update; cmp /opt/gha/configure.sh "$seed/configure.sh" && echo renewed
            cat /opt/told
            """);

        Assert.Contains("==> installing gha.service\ninstalled\nenable gha.service\ndaemon-reload\n--no-block start gha.service\nagain 0\n-q is-enabled gha.service\n", update.Output, StringComparison.Ordinal);
        Assert.EndsWith("==> installing gha.service\nrenewed\n-q is-enabled gha.service\nenable gha.service\ndaemon-reload\n", update.Output, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_runner_that_the_host_wants_is_installed_once_and_what_the_image_was_baked_with_stays()
    {
        var (old, wanted) = (Tarball("old"), Tarball("new"));

        var update = await RunAsync($"""
            sh $seed/setup.sh --runner-file {old} --runner-sha256 {Sum(old)} --no-packages --no-clean --user jobs --runner-dir /opt/other/runner
            printf '%s\nfile://%s\n60\n' {Sum(wanted)} {wanted} >$seed/runner
            seed --update; cat /opt/other/runner/run.sh /etc/default/gha
            seed --update; ls /opt
            """);

        Assert.Contains("echo new\n", update.Output, StringComparison.Ordinal);
        Assert.Contains("VBDP_RUNNER_DIR=/opt/other/runner\nVBDP_RUNNER_USER=jobs\n", update.Output, StringComparison.Ordinal);
        Assert.Contains("gha: the runner is the one that the host wants\n", update.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("actions-runner\n", update.Output, StringComparison.Ordinal);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("another checksum", "the guest could not be brought up to date by its seed: the tarball is not the one that was asked for")]
    [InlineData("no file", "the guest could not be brought up to date by its seed: could not download file:///nowhere")]
    [InlineData("too slow", "the runner was not installed within 1 seconds")]
    [InlineData("damaged", "the seed's file 'runner' is damaged")]
    public async Task The_host_is_told_why_a_runner_could_not_be_installed(string what, string why)
    {
        var wanted = Tarball("new");
        var lines = what switch
        {
            "another checksum" => $"{new string('a', 64)}\nfile://{wanted}\n60\n",
            "no file" => $"{Sum(wanted)}\nfile:///nowhere\n60\n",
            "too slow" => $"{Sum(wanted)}\nfile://{wanted}\n1\n",
            _ => $"{Sum(wanted)}\n",
        };

        var update = await RunAsync($"""
            mkdir -p /opt/actions-runner && printf old >/opt/actions-runner/run.sh
            [ '{what}' != 'too slow' ] || printf '#!/bin/sh\nsleep 30\n' >/usr/local/bin/curl
            [ ! -e /usr/local/bin/curl ] || chmod 755 /usr/local/bin/curl
            printf '{lines.ReplaceLineEndings("\\n")}' >$seed/runner
            : >/opt/port
            seed --update; echo "code $?"; cat /opt/port /opt/actions-runner/run.sh
            """);

        Assert.Contains("code 1\nphase failed: " + why, update.Output, StringComparison.Ordinal);
        Assert.EndsWith("\nold", update.Output, StringComparison.Ordinal);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("sh /opt/gha/seed.sh", "update /dev/sr3")]
    [InlineData("sh /opt/bootcmd", "install /dev/sr3")]
    public async Task Only_what_the_host_put_into_a_drive_of_the_machine_s_own_is_run(string look, string seen)
    {
        File.WriteAllText(Path.Combine(_folder, "bootcmd"), Boot());

        var looked = await RunAsync($$"""
            cp {{_folder}}/bootcmd /opt/bootcmd
            cd /opt && mkdir -p gha found sys/class/block dev at && cp $seed/seed.sh gha
            # A disk is played by a folder, and what a disk of ours would run tells which one it came from.
            disk() {
              mkdir -p "found/dev/$1" "found/sys/$2/$1" && ln -s "../../../found/sys/$2/$1" sys/class/block/ && ln -s "../found/dev/$1" dev/
              printf cidata >"found/dev/$1/label"
              printf '#!/bin/sh\necho "${1#--} /dev/%s" >>/opt/ran\n' "$1" >"found/dev/$1/seed.sh"
              [ "$3" = theirs ] || : >"found/dev/$1/vbdp-seed"
            }
            disk nvme0n1 pci/nvme ours; disk sda pci/ata1 ours; disk sr0 pci/usb1/1-1 ours; disk sr1 pci/ata2 theirs; disk sr2 pci/ata3 theirs; disk sr3 pci/virtio3 ours
            rm found/dev/sr2/label
            printf '#!/bin/sh\nfor disk; do :; done\ncat $disk/label\n' >/usr/local/bin/blkid
            printf '#!/bin/sh\nwhile [ $# -gt 2 ]; do shift; done\n[ -e $1/label ] && cp $1/* $2/\n' >/usr/local/bin/mount
            printf '#!/bin/sh\nrm -f $1/*\n' >/usr/local/bin/umount
            chmod 755 /usr/local/bin/*
            export VBDP_DEV=/opt/dev VBDP_SYS=/opt/sys VBDP_SEED_MOUNT=/opt/at
            {{look}}; echo "code $?"; cat /opt/ran
            rm -rf found/dev/sr3 dev/sr3 at/* ran
            {{look}}; ls ran 2>&1
            """);

        Assert.Contains($"code 0\n{seen}\n", looked.Output, StringComparison.Ordinal);
        Assert.Contains("No such file", looked.Output[looked.Output.IndexOf(seen, StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_seed_that_cannot_be_read_is_told_to_the_host()
    {
        var looked = await RunAsync("""
            cd /opt && mkdir -p gha sys/class/block/sr0 dev/sr0 && cp $seed/*.sh gha && : >port
            printf '#!/bin/sh\necho cidata\n' >/usr/local/bin/blkid
            printf '#!/bin/sh\nexit 32\n' >/usr/local/bin/mount
            chmod 755 /usr/local/bin/*
            export VBDP_DEV=/opt/dev VBDP_SYS=/opt/sys VBDP_SEED_MOUNT=/opt/at
            sh gha/seed.sh; echo "code $?"; cat port
            """);

        Assert.Contains("code 1\nphase failed: the seed in /opt/dev/sr0 cannot be read\n", looked.Output, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_time_that_the_guest_has_counts_from_its_start_on()
    {
        var wanted = Tarball("new");

        var update = await RunAsync($"""
            printf '#!/bin/sh\nsleep 30\n' >/usr/local/bin/curl; chmod 755 /usr/local/bin/curl
            printf '%s\nfile://%s\n600\n' {Sum(wanted)} {wanted} >$seed/runner
            for up in 599.87 4711.02 598.02; do
              echo "$up 1.00" >/opt/uptime; : >/opt/port
              seed --update; cat /opt/port
            done
            """);

        Assert.Equal(2, update.Output.Split("\nphase failed: the runner was not installed within 1 seconds").Length - 1);
        Assert.Contains("\nphase failed: the runner was not installed within 2 seconds", update.Output, StringComparison.Ordinal);
    }

    /// <summary>What cloud-init has a shell do: the block of user-data, without the space before it.</summary>
    private static string Boot() => string.Join('\n', GuestSeed.UserData.ReplaceLineEndings("\n").Split("    - |\n")[1].Split('\n').Select(line => line.TrimStart()));

    private static string Sum(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));

    /// <summary>Runs a script in which <c>seed</c> is the script and <c>$seed</c> the folder.</summary>
    private async Task<Shell> RunAsync(string script) => await SetupTests.BakeAsync($$"""
        seed={{_folder}}/seed
        mkdir -p $seed && bsdtar -x -f {{Disk()}} -C $seed && chmod -R u+w $seed
        rm -rf /opt/gha /opt/actions-runner /etc/default/gha
        real=$(command -v systemctl)
        printf '#!/bin/sh\necho "$*" >>/opt/told\ncase $1 in enable | -q) exec %s "$@" ;; esac\n' "$real" >/usr/local/bin/systemctl
        chmod 755 /usr/local/bin/systemctl
        export PATH=/usr/local/bin:$PATH VBDP_SEED_LOG=/opt/log VBDP_UPTIME=/opt/uptime VBDP_PORT=/opt/port VBDP_STATE_DIR=/opt/state VBDP_USED_MARK=/opt/used VBDP_POWEROFF=true VBDP_CHANNEL_TIMEOUT=0
        echo 0.07 0.01 >/opt/uptime
        seed() { sh $seed/seed.sh "$@" 2>&1; }
        {{script}}
        """);

    /// <summary>The disk as the server writes it: what is not on it no guest has.</summary>
    private string Disk()
    {
        Shell.RequireProgram("bsdtar");
        GuestSeed.Make(["--no-packages"], null, TimeSpan.FromMinutes(5), TimeProvider.System).Save(_folder, VmId.Parse("one"));
        return Path.Combine(_folder, VmSeed.FileName);
    }

    private string Tarball(string name)
    {
        var path = Path.Combine(_folder, name + ".tar.gz");
        SetupTests.WriteTarball(path, ("run.sh", "echo " + name), ("bin/Runner.Listener", "echo hi"));
        return path;
    }
}
