using System.Text;
using System.Text.RegularExpressions;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Qemu;

namespace Provisioner.HypervisorTests.Qemu;

/// <summary>T7: guests that run at once, each with a secret of its own, search everything they have for the others'. Twenty in <c>./test soak</c>.</summary>
public sealed partial class GuestSecretTests : QemuFacts
{
    // Twenty at once hold up other tests where guests are emulated: five stand for them there.
    private static readonly int Guests = Environment.GetEnvironmentVariable("VBDP_SOAK") == "1" ? 20 : 5;

    // Every canary looks like this, so a guest can search for all of them without being told the others'. In two parts: the script
    // that searches is itself part of what is searched.
    private const string Mark = "vbdpcanary";

    [Fact(Timeout = 2 * Patience)]
    public async Task Each_guest_sees_its_own_secret_and_no_other()
    {
        Rig.Options.DefaultMemoryMegabytes = 128;
        Rig.Options.Deadline = TimeSpan.FromMinutes(2);
        var hypervisor = Open();
        var secrets = Enumerable.Range(0, Guests).ToDictionary(n => VmId.Parse($"guest{n:00}"), n => $"{Mark}{n:00}{Guid.NewGuid():N}");
        foreach (var id in secrets.Keys)
        {
            await RunAsync(hypervisor, id.ToString());
        }

        // All are up before the first one is told its secret, and all have theirs before the first one looks.
        await Task.WhenAll(secrets.Keys.Select(id => ReportAsync(hypervisor, id, GuestPhase.Ready)));
        await Task.WhenAll(secrets.Select(secret => hypervisor.ConfigureAsync(secret.Key, TinyGuest.Script(Keep(secret.Value)), Token)));
        await Task.WhenAll(secrets.Keys.Select(id => ReportAsync(hypervisor, id, GuestPhase.Online)));
        var before = HostView(secrets.Keys);
        await Task.WhenAll(secrets.Keys.Select(id => hypervisor.ConfigureAsync(id, TinyGuest.Script(Search), Token)));
        var seen = await Task.WhenAll(secrets.Select(async secret => (secret.Key, secret.Value, (await ReportAsync(hypervisor, secret.Key, GuestPhase.Done)).Detail)));

        Assert.Equal(Guests, (await hypervisor.ListAsync(Token)).Count(vm => vm.Power == VmPower.On));
        Assert.All(seen, guest => Assert.Equal($"{guest.Value} places=cmdline environ dmi ports disk files", guest.Detail));
        Assert.Equal(Guests, secrets.Values.Distinct().Count());
        Assert.All(before, view => Assert.DoesNotMatch(Canary(), view.Value));
        foreach (var id in secrets.Keys)
        {
            // What a guest printed is its own: the console may hold its canary, never another's.
            var console = await hypervisor.ReadConsoleAsync(id, Token);
            Assert.Equal([secrets[id]], Canary().Matches(console).Select(match => match.Value).Distinct());
        }
    }

    // On its disk too, beyond the file system: clones of one image must not share what is written.
    private static string Keep(string secret) => $"""
        secret={secret}
        echo "$secret" | dd of=/dev/vda bs=512 seek=70000 conv=notrunc 2>/dev/null; sync
        echo "$secret" >/tmp/secret; export secret
        echo "kept $secret"
        phase online
        """;

    // Of the disk: where each wrote its own. The rest is the image, the same for all.
    private const string Search = """
        m=vbdp; m=${m}canary
        look() { grep -aoE "$m[0-9a-f]{34}" >>/tmp/found; echo "$1" >>/tmp/places; }
        look cmdline </proc/cmdline
        cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | look environ
        cat /sys/class/dmi/id/* /sys/firmware/dmi/tables/* /sys/firmware/acpi/tables/* /sys/firmware/qemu_fw_cfg/by_name/*/*/raw 2>/dev/null | look dmi
        cat /sys/class/virtio-ports/*/name /sys/block/*/serial /sys/class/net/*/address 2>/dev/null | look ports
        echo 3 >/proc/sys/vm/drop_caches; dd if=/dev/vda bs=512 skip=69000 count=4000 2>/dev/null | look disk
        cat /tmp/secret /tmp/work | look files
        phase "done: $(sort -u /tmp/found | tr '\n' ' ')places=$(tr '\n' ' ' </tmp/places)"
        """;

    /// <summary>What the host shows of its machines to whoever may list processes, and what the driver keeps on disk besides the guest's.</summary>
    private Dictionary<string, string> HostView(IEnumerable<VmId> ids)
    {
        Dictionary<string, string> view = [];
        foreach (var id in ids)
        {
            var pid = QemuOf(id).Id;
            view[$"/proc/{pid}/cmdline"] = File.ReadAllText($"/proc/{pid}/cmdline");
            view[$"/proc/{pid}/environ"] = File.ReadAllText($"/proc/{pid}/environ");
            foreach (var file in Directory.EnumerateFiles(new MachineFolder(Rig.Folder, id).Path).Where(IsSettings))
            {
                view[file] = File.ReadAllText(file, Encoding.Latin1);
            }
        }

        return view;
    }

    // Not the disk and the console, which are the guest's to write, and not sockets.
    private static bool IsSettings(string file) => Path.GetExtension(file) is ".json" or "" && !Path.GetFileName(file).StartsWith("console", StringComparison.Ordinal);

    [GeneratedRegex(Mark + "[0-9a-f]{34}")]
    private static partial Regex Canary();
}
