using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>A VBoxManage program in whose machines start works. The test plays the guest.</summary>
internal sealed partial class FakeVirtualBox : IDisposable
{
    public const string Base = "4f5b1820-105c-46be-95c9-11ad85096310";

    private const string Snapshot = "8766a5bf-255f-4536-9998-fc731c26ee7b";

    private readonly string home;

    public FakeVirtualBox()
    {
        Folder = Directory.CreateTempSubdirectory("vbdp-fake-").FullName;
        home = Path.Combine(Folder, "settings");
        Options = new VirtualBoxOptions
        {
            Program = Program,
            MachineFolder = Path.Combine(Folder, "machines"),
            UserHome = home,
            SecretFolder = Directory.CreateDirectory(Path.Combine(Folder, "secrets")).FullName,
            ReserveBytes = 1,
            PowerInterval = TimeSpan.FromMilliseconds(100),
            WaitRenewal = TimeSpan.FromSeconds(2),
            // A test's clock may go fast.
            SilencePatience = TimeSpan.FromDays(1),
        };
        MakeBase();
    }

    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "VirtualBox", "fake-VBoxManage");

    public string Folder { get; }

    public VirtualBoxOptions Options { get; }

    public VirtualBoxHypervisor Open() => new(Options, TimeProvider.System, NullLogger<VirtualBoxHypervisor>.Instance);

    /// <summary>Opens it on a clock that stands still, on which no call hangs however slow this machine is: each is made once.</summary>
    public VirtualBoxHypervisor OpenPatiently() => new(Options, new FakeTimeProvider(), NullLogger<VirtualBoxHypervisor>.Instance);

    /// <summary>Every call with its arguments, as it stood in the process list.</summary>
    public string Calls => File.ReadAllText(Path.Combine(home, "calls"));

    /// <summary>A file that the program wrote: <c>set</c> has name and flags of each property, <c>modes</c> those of response files.</summary>
    public string[] Lines(string file) => File.ReadAllLines(Path.Combine(home, file));

    /// <summary>Puts a shell script in the program's place.</summary>
    public void Script(string script)
    {
        File.WriteAllText(Path.Combine(home, "script"), script);
        Options.Program = Path.Combine(AppContext.BaseDirectory, "VirtualBox", "scripted-VBoxManage");
    }

    public string? Property(VmId id, string name)
    {
        var file = Path.Combine(Machine(id), "properties", name.Replace('/', ':'));
        return File.Exists(file) ? File.ReadAllText(file) : null;
    }

    public void Report(VmId id, string phase)
    {
        var file = Path.Combine(Machine(id), "properties", ":VBDP:Phase");
        File.WriteAllText(file + ".new", phase);
        File.Move(file + ".new", file, overwrite: true);
    }

    public void PowerOff(VmId id) => File.WriteAllText(Path.Combine(Machine(id), "state"), "poweroff\n");

    /// <summary>As VirtualBox does when the host's disk is full.</summary>
    public void Pause(VmId id) => File.WriteAllText(Path.Combine(Machine(id), "state"), "paused\n");

    /// <summary>What it says of the processor: <c>yes</c> or <c>no</c>.</summary>
    public string Virtualisation
    {
        init => File.WriteAllText(Path.Combine(home, "virtualisation"), value);
    }

    /// <summary>As after an update: machines do not go on from their saved states.</summary>
    public void SpoilStates() => File.WriteAllText(Path.Combine(home, "bad-states"), "");

    public void IgnorePowerButton() => File.WriteAllText(Path.Combine(home, "deaf"), "");

    /// <summary>The calls that change something, readable, and the same in each run.</summary>
    public string Changes(VmId id)
    {
        var calls = Calls.Split('\n').Where(call => call.Length > 0 && !Reading().IsMatch(call)).Select(call => call
            .Replace(Path.GetFileName(Machine(id)), "<vm>", StringComparison.Ordinal)
            .Replace(Base, "<base>", StringComparison.Ordinal)
            .Replace(Folder, "<folder>", StringComparison.Ordinal).TrimEnd());
        return string.Concat(calls.Select(call => ResponseFile().Replace(call, "@<file>").Replace(" --", "\n    --", StringComparison.Ordinal) + "\n"));
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private string Machine(VmId id) => Path.Combine(home, "machines", new VmMark(Options.MachineFolder).UuidOf(id).ToString());

    // The image's machine has everything open and full of old values.
    private void MakeBase()
    {
        var machine = Path.Combine(home, "machines", Base);
        Directory.CreateDirectory(Path.Combine(machine, "extradata"));
        Directory.CreateDirectory(Path.Combine(machine, "properties"));
        File.WriteAllText(Path.Combine(machine, "name"), "base\n");
        File.WriteAllText(Path.Combine(machine, "file"), Path.Combine(Folder, "base.vbox") + "\n");
        File.WriteAllText(Path.Combine(machine, "state"), "poweroff\n");
        File.WriteAllText(Path.Combine(Folder, "base.vbox"), $$"""
            <VirtualBox xmlns="http://www.virtualbox.org/">
              <Machine uuid="{{{Base}}}" name="base" currentSnapshot="{{{Snapshot}}}">
                <ExtraData>
                  <ExtraDataItem name="GUI/LastCloseAction" value="shutdown"/>
                  <ExtraDataItem name="VBoxInternal/TM/WarpDrivePercentage" value="5"/>
                </ExtraData>
                <Snapshot uuid="{{{Snapshot}}}" name="clean"/>
                <Hardware>
                  <Network><Adapter slot="0"><NAT><Forwarding name="ssh" proto="1" hostport="2222" guestport="22"/></NAT></Adapter></Network>
                  <SharedFolders><SharedFolder name="src" hostPath="/tmp"/></SharedFolders>
                  <GuestProperties>
                    <GuestProperty name="/VBDP/Phase" value="done" timestamp="1" flags=""/>
                  </GuestProperties>
                </Hardware>
              </Machine>
            </VirtualBox>
            """);
    }

    [GeneratedRegex("^(--version|list|showvminfo|getextradata|guestproperty (get|wait|enumerate)) ?")]
    private static partial Regex Reading();

    [GeneratedRegex("@<folder>/secrets/vbdp-arguments-[0-9a-f]{32}")]
    private static partial Regex ResponseFile();
}
