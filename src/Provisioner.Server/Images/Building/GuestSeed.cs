using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Provisioner.Hypervisors;

namespace Provisioner.Server.Images.Building;

/// <summary>
/// The disk that one clone reads at boot: NoCloud's user-data starts <c>seed.sh</c>, which lies beside it with all that it needs. The
/// configuration of the runner is not on it: that goes to a guest that has said ready, by the hypervisor's own channel.
/// </summary>
internal static class GuestSeed
{
    // A boot command, and not one of cloud-init's end: it is over before network-online.target, after which gha.service starts in
    // an image that has it already. No job could be taken by scripts that are about to be replaced. Which disk's user-data it takes is
    // cloud-init's choice; what this one starts comes from a drive of the machine's own, as seed.sh itself looks for it.
    public const string UserData =
        """
        #cloud-config
        # Made by virtualbox-server for this machine alone. The seed's own scripts do the work.
        bootcmd:
          - - sh
            - -c
            - |
              at=${VBDP_SEED_MOUNT:-/run/vbdp-seed}
              mkdir -p "$at"
              for drive in "${VBDP_DEV:-/dev}"/sr*; do
                [ -e "${VBDP_SYS:-/sys}/class/block/${drive##*/}" ] || continue
                case $(readlink -f "${VBDP_SYS:-/sys}/class/block/${drive##*/}") in */usb*) continue ;; esac
                mount -t iso9660 -o ro "$drive" "$at" || continue
                [ ! -f "$at/vbdp-seed" ] || exec sh "$at/seed.sh" --install
                umount "$at"
              done

        """;

    // All that seed.sh and setup.sh --scripts-only take from beside them.
    private static readonly string[] Scripts = ["configure.sh", "gha-failed.service", "gha.service", "grow.sh", "README.md", "seed.sh", "setup.sh"];

    /// <param name="setup">Further options of <c>setup.sh</c>.</param>
    /// <param name="runner">The release that the guest has to have; null where the image's will do.</param>
    /// <param name="bootTimeout">How long a guest may be silent: it has to give up before, so that it is heard why.</param>
    /// <param name="time">What tells the disk's age.</param>
    public static VmSeed Make(IEnumerable<string> setup, RunnerSource? runner, TimeSpan bootTimeout, TimeProvider time)
    {
        var files = Scripts.ToDictionary(name => name, name => GuestScripts.All[name]);
        files["user-data"] = Text(UserData);
        files["vbdp-seed"] = Text("What virtualbox-server tells one machine. Other disks of this label are not for its guest.\n");
        files["setup-arguments"] = Text(string.Concat(setup.Select(argument => argument + "\n")));
        if (runner is not null)
        {
            files["runner"] = Text(string.Create(CultureInfo.InvariantCulture, $"{runner.Sha256}\n{runner.Url!.AbsoluteUri}\n{(int)(bootTimeout.TotalSeconds * 4 / 5)}\n"));
        }

        return new VmSeed(Digest(files), (id, disk) =>
            SeedDisk.Write(disk, "cidata", new Dictionary<string, Func<Stream>>(files) { ["meta-data"] = Text(MetaData(id)) }, time.GetUtcNow()));
    }

    // In quotes: an id may be what YAML takes for a number.
    public static string MetaData(VmId id) => $"instance-id: \"{id}\"\nlocal-hostname: \"{id}\"\n";

    private static string Digest(Dictionary<string, Func<Stream>> files)
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, open) in files.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            using var content = open();
            all.AppendData(Encoding.UTF8.GetBytes(name));
            all.AppendData(SHA256.HashData(content));
        }

        return Convert.ToHexStringLower(all.GetHashAndReset());
    }

    private static Func<Stream> Text(string text) => () => new MemoryStream(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n")));
}
