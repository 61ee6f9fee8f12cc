using Provisioner.Hypervisors;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>What a clone has of its image on the real VBoxManage, and what it must not have.</summary>
public sealed class VirtualBoxClones
{
    private const int Patience = 300_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = Patience)]
    public async Task Whatever_the_image_has_open_is_closed_in_its_clones()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeMachineAsync("base");
        await lab.RunAsync("modifyvm", "base", "--nat-pf1", "ssh,tcp,,2222,,22", "--nat-localhostreachable1", "on", "--nic2", "nat", "--nat-pf2", "a b,udp,,53,,53",
            "--uart1", "0x3F8", "4", "--uart-mode1", "file", "/dev/null", "--clipboard-mode", "bidirectional", "--drag-and-drop", "bidirectional",
            "--vrde", "on", "--usb-xhci", "on", "--audio-enabled", "on", "--recording", "on", "--nested-hw-virt", "on", "--mouse", "usbtablet");
        await lab.RunAsync("sharedfolder", "add", "base", "--name", "-src", "--hostpath", "/tmp");
        await lab.RunAsync("snapshot", "base", "take", "clean");
        await using var hypervisor = lab.Open();

        await hypervisor.EnsureClonedAsync(lab.Specify("one") with { Cpus = 2, MemoryMegabytes = 300 }, Token);

        var shown = KeyValueText.Parse(await lab.RunAsync("showvminfo", lab.UuidOf("one"), "--machinereadable"))
            .GroupBy(pair => pair.Key).ToDictionary(group => group.Key, group => group.First().Value);
        Assert.Equal("2 300", $"{shown["cpus"]} {shown["memory"]}");
        Assert.Equal("nat", shown["nic1"]);
        Assert.All(Enumerable.Range(2, 7), n => Assert.Equal("none", shown[$"nic{n}"]));
        Assert.All(Enumerable.Range(1, 4), n => Assert.Equal("off", shown[$"uart{n}"]));
        Assert.All((string[])["vrde", "usb", "ehci", "xhci", "recording_enabled", "nested-hw-virt", "accelerate3d"], key => Assert.Equal("off", shown[key]));
        Assert.Equal("disabled disabled none", $"{shown["clipboard"]} {shown["draganddrop"]} {shown["audio"]}");
        Assert.DoesNotContain(shown.Keys, key => key.StartsWith("Forwarding", StringComparison.Ordinal) || key.StartsWith("SharedFolder", StringComparison.Ordinal));
        var settings = await File.ReadAllTextAsync(new VmMark(lab.Options.MachineFolder).SettingsFileOf(VmId.Parse("one")), Token);
        Assert.DoesNotContain("slot=\"0\" enabled=\"true\" localhost-reachable=\"true\"", settings, StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task A_clone_that_is_nobodys_is_told_for_whom_it_works_when_somebody_takes_it()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeMachineAsync("base");
        await lab.RunAsync("snapshot", "base", "take", "clean");
        await using var hypervisor = lab.Open();
        var nobodys = lab.Specify("warm-1") with { Owner = "", Repository = "" };
        await hypervisor.EnsureClonedAsync(nobodys, Token);
        var before = GuestPropertyText.ParseNames(await lab.RunAsync("guestproperty", "enumerate", lab.UuidOf("warm-1")));

        await hypervisor.EnsureLabelledAsync(nobodys.Id, new GuestLabels("run-1", "acme", "widgets"), Token);

        Assert.Equal(["/VBDP/Id", "label"], before.Order(StringComparer.Ordinal));
        foreach (var (name, value) in new[] { ("/VBDP/Id", "warm-1"), ("label", "run-1"), ("owner", "acme"), ("repo", "widgets") })
        {
            Assert.Equal(value, GuestPropertyText.ParseValue(await lab.RunAsync("guestproperty", "get", lab.UuidOf("warm-1"), name)));
        }

        Assert.Equal([new SeenVm(nobodys.Id, VmPower.Off)], await hypervisor.ListAsync(Token));
        await hypervisor.EnsureGoneAsync(nobodys.Id, Token);
    }

    [Fact(Timeout = Patience)]
    public async Task Nothing_that_the_image_was_told_or_reported_is_inherited_but_its_devices_settings()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeMachineAsync("base");
        await lab.RunAsync("guestproperty", "set", "base", "/VBDP/Phase", "done");
        await lab.RunAsync("guestproperty", "set", "base", "a \"b\" é", "it's = 'x'");
        await lab.RunAsync("setextradata", "base", VmMark.Key, "of another");
        await lab.RunAsync("setextradata", "base", "GUI/Fullscreen", "true");
        await lab.RunAsync("setextradata", "base", "VBoxInternal/TM/WarpDrivePercentage", "5");
        await lab.RunAsync("snapshot", "base", "take", "clean");
        await using var hypervisor = lab.Open();

        await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);

        var properties = GuestPropertyText.ParseNames(await lab.RunAsync("guestproperty", "enumerate", lab.UuidOf("one")));
        var extraData = (await lab.RunAsync("getextradata", lab.UuidOf("one"), "enumerate")).Split('\n')
            .Where(line => line.StartsWith("Key: ", StringComparison.Ordinal)).Select(line => line["Key: ".Length..line.IndexOf(',')]);
        Assert.Equal(["/VBDP/Id", "label", "owner", "repo"], properties.Order(StringComparer.Ordinal));
        Assert.Equal(["VBDP/Base", "VBDP/Uuid", "VBoxInternal/TM/WarpDrivePercentage"], extraData.Order(StringComparer.Ordinal));
    }

    [Fact(Timeout = Patience)]
    public async Task A_property_that_the_host_may_not_change_is_not_inherited_either()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeMachineAsync("base");
        await lab.RunAsync("guestproperty", "set", "base", "/stuck", "x", "--flags", "RDONLYHOST");
        await lab.RunAsync("snapshot", "base", "take", "clean");
        await using var hypervisor = lab.Open();

        await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);

        Assert.DoesNotContain("/stuck", await lab.RunAsync("guestproperty", "enumerate", lab.UuidOf("one")), StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task Each_clone_has_an_address_of_its_own()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        await using var hypervisor = lab.Open();
        await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);
        await hypervisor.EnsureClonedAsync(lab.Specify("two"), Token);

        var addresses = new List<string>();
        foreach (var machine in (string[])["base", lab.UuidOf("one"), lab.UuidOf("two")])
        {
            addresses.Add(KeyValueText.Parse(await lab.RunAsync("showvminfo", machine, "--machinereadable")).First(pair => pair.Key == "macaddress1").Value);
        }

        Assert.Equal(3, addresses.Distinct().Count());
    }

    [Fact(Timeout = Patience)]
    public async Task An_image_is_found_by_name_or_uuid_however_odd_the_names_of_others_are()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base é");
        await using var hypervisor = lab.Open();
        foreach (var name in (string[])["a/b", "..", "-dash", "--help", "q\"dq", "new\nline", "x\" {9f1bf398-7edd-466d-9803-910bf431b955}\n\"vbdp-forged", "vbdp-../x"])
        {
            await lab.RunAsync("createvm", "--name", name, "--basefolder", Path.Combine(lab.Folder, "odd", Guid.NewGuid().ToString("N")), "--register");
        }

        var uuid = RegisteredVm.ParseList(await lab.RunAsync("list", "vms")).Single(vm => vm.Name == "base é").Uuid;
        Assert.True((await hypervisor.InspectAsync(new BaseImage("base é", "clean"), Token)).IsUsable);
        Assert.True((await hypervisor.InspectAsync(new BaseImage(uuid.ToString(), "clean"), Token)).IsUsable);
        Assert.Empty(await hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task An_image_whose_disk_is_gone_is_unusable()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        var settings = await lab.MakeImageAsync("base");
        File.Delete(Path.ChangeExtension(settings, ".vdi"));
        var difference = Directory.EnumerateFiles(Path.Combine(Path.GetDirectoryName(settings)!, "Snapshots"), "*.vdi").Single();
        File.Delete(difference);
        await using var hypervisor = lab.Open();

        Assert.Equal(HypervisorFault.ImageUnusable, (await hypervisor.InspectAsync(lab.Image, Token)).Fault);
    }

    [Fact(Timeout = Patience)]
    public async Task The_machine_folder_may_be_a_link()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        Directory.CreateDirectory(Path.Combine(lab.Folder, "far"));
        Directory.CreateSymbolicLink(lab.Options.MachineFolder, Path.Combine(lab.Folder, "far"));
        await using var hypervisor = lab.Open();

        await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);
        var seen = await hypervisor.ListAsync(Token);
        await hypervisor.EnsureGoneAsync(VmId.Parse("one"), Token);

        Assert.Equal([new SeenVm(VmId.Parse("one"), VmPower.Off)], seen);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(lab.Folder, "far")));
    }
}
