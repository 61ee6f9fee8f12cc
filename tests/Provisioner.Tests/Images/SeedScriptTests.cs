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

    private static string Sum(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));

    /// <summary>Runs a script in which <c>seed</c> is the script and <c>$seed</c> the folder.</summary>
    private async Task<Shell> RunAsync(string script) => await SetupTests.BakeAsync($$"""
        seed={{_folder}}/seed
        mkdir -p $seed && bsdtar -x -f {{Disk()}} -C $seed && chmod -R u+w $seed
        rm -rf /opt/gha /opt/actions-runner /etc/default/gha
        real=$(command -v systemctl)
        printf '#!/bin/sh\necho "$*" >>/opt/told\ncase $1 in enable | -q) exec %s "$@" ;; esac\n' "$real" >/usr/local/bin/systemctl
        chmod 755 /usr/local/bin/systemctl
        export PATH=/usr/local/bin:$PATH VBDP_SEED_LOG=/opt/log VBDP_PORT=/opt/port VBDP_STATE_DIR=/opt/state VBDP_USED_MARK=/opt/used VBDP_POWEROFF=true VBDP_CHANNEL_TIMEOUT=0
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
