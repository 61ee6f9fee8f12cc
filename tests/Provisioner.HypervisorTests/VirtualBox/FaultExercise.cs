using Provisioner.Hypervisors;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>What makes the driver call a verb of VBoxManage.</summary>
/// <param name="Verb">The verb, as faulty-VBoxManage names it.</param>
/// <param name="Strike">What is done while the verb goes wrong.</param>
internal sealed record FaultExercise(string Verb, Func<FaultyVirtualBox, VirtualBoxHypervisor, Task> Strike)
{
    private static readonly VmId One = VmId.Parse("one");

    /// <summary>What there must be before.</summary>
    public Func<FaultyVirtualBox, VirtualBoxHypervisor, Task> Prepare { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>What is done once nothing goes wrong any more: it has to come out right, whatever happened before.</summary>
    public Func<FaultyVirtualBox, VirtualBoxHypervisor, Task> Repeat { get; init; } = (_, _) => Task.CompletedTask;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static IReadOnlyList<FaultExercise> All { get; } =
    [
        Cloned("clonevm"), Cloned("registervm"), Cloned("modifyvm"),
        Cloned("usbfilter", new VmHardware { Usb = [new("096e", "0006", null)] }), Cloned("modifymedium", new VmHardware { DiskMegabytes = 128 }),
        Cloned("storageattach", seed: Seeds.Make()),
        Remove("unregistervm"), Remove("getextradata") with { Prepare = MakeSharedAsync },
        new("closemedium", (_, driver) => driver.EnsureGoneAsync(One, Token)) { Prepare = LeaveDiskAsync, Repeat = GoneAsync },
        new("startvm", (_, driver) => driver.EnsureStartedAsync(FaultyVirtualBox.Kept, Token)) { Prepare = OffAsync, Repeat = OnAsync },
        Stop("controlvm poweroff", TimeSpan.Zero), Stop("controlvm acpipowerbutton", TimeSpan.FromMilliseconds(500)),
        Look("list vms"), Look("list runningvms"), Look("list hdds"),
        Check("--version"), Check("list hostinfo"),
        new("showvminfo", async (box, driver) => Usable(await driver.InspectAsync(box.Lab.Image, Token))),
        new("guestproperty set", ConfigureAsync) { Prepare = ReadyAsync, Repeat = ConfigureAsync },
        new("guestproperty get", (_, driver) => HearAsync(driver, GuestPhase.Ready)) { Prepare = ReadyAsync },
        new("guestproperty wait", HearChangeAsync) { Prepare = SilentAsync },
        Withdraw("guestproperty enumerate"), Withdraw("guestproperty unset"),
    ];

    private static FaultExercise Cloned(string verb, VmHardware? hardware = null, VmSeed? seed = null) => new(verb, (box, driver) => driver.EnsureClonedAsync(box.Lab.Specify("one") with { Hardware = hardware, Seed = seed }, Token))
    {
        Repeat = async (box, driver) =>
        {
            await driver.EnsureClonedAsync(box.Lab.Specify("one") with { Hardware = hardware, Seed = seed }, Token);
            Assert.Contains(new SeenVm(One, VmPower.Off), await driver.ListAsync(Token));
            await GoneAsync(box, driver);
        },
    };

    private static FaultExercise Remove(string verb) => new(verb, (_, driver) => driver.EnsureGoneAsync(One, Token))
    {
        Prepare = (box, driver) => driver.EnsureClonedAsync(box.Lab.Specify("one"), Token),
        Repeat = GoneAsync,
    };

    private static FaultExercise Stop(string verb, TimeSpan grace) => new(verb, (_, driver) => driver.EnsureStoppedAsync(FaultyVirtualBox.Kept, grace, Token))
    {
        Prepare = OnAsync,
        Repeat = async (_, driver) =>
        {
            await driver.EnsureStoppedAsync(FaultyVirtualBox.Kept, TimeSpan.Zero, Token);
            Assert.Contains(new SeenVm(FaultyVirtualBox.Kept, VmPower.Off), await driver.ListAsync(Token));
        },
    };

    private static FaultExercise Look(string verb) => new(verb, async (_, driver) =>
        Assert.Equal([FaultyVirtualBox.Kept], (await driver.ListAsync(Token)).Select(vm => vm.Id)))
    {
        Prepare = OnAsync,
        Repeat = async (_, driver) => Assert.Equal([new SeenVm(FaultyVirtualBox.Kept, VmPower.On)], await driver.ListAsync(Token)),
    };

    private static FaultExercise Check(string verb) => new(verb, async (_, driver) => Healthy(await driver.CheckAsync(Token)));

    private static FaultExercise Withdraw(string verb) => new(verb, (_, driver) => HearAsync(driver, GuestPhase.Configuring))
    {
        Prepare = async (box, driver) =>
        {
            await OnAsync(box, driver);
            await box.Lab.RunAsync("guestproperty", "set", box.KeptUuid, "/VBDP/Config/0", "secret");
            await box.Lab.RunAsync("guestproperty", "set", box.KeptUuid, PhaseReports.Property, "configuring");
        },
        Repeat = async (box, _) => Assert.Null(await ReadAsync(box, "/VBDP/Config/0")),
    };

    // A second settings file in the folder might be another machine's: then it is looked closely.
    private static async Task MakeSharedAsync(FaultyVirtualBox box, VirtualBoxHypervisor driver)
    {
        await driver.EnsureClonedAsync(box.Lab.Specify("one"), Token);
        await File.WriteAllTextAsync(Path.Combine(new VmMark(box.Lab.Options.MachineFolder).FolderOf(One), "copy.vbox"), "", Token);
    }

    private static async Task LeaveDiskAsync(FaultyVirtualBox box, VirtualBoxHypervisor driver) => await box.Lab.RunAsync(
        "createmedium", "disk", "--filename", Path.Combine(new VmMark(box.Lab.Options.MachineFolder).FolderOf(One), "Snapshots", Guid.NewGuid().ToString("N") + ".vdi"), "--size", "1");

    private static Task GoneAsync(FaultyVirtualBox box, VirtualBoxHypervisor driver) => driver.EnsureGoneAsync(One, Token);

    private static Task OffAsync(FaultyVirtualBox box, VirtualBoxHypervisor driver)
    {
        FaultyVirtualBox.TurnOff(box.KeptUuid);
        return Task.CompletedTask;
    }

    private static async Task OnAsync(FaultyVirtualBox box, VirtualBoxHypervisor driver)
    {
        if (FaultyVirtualBox.Find(box.KeptUuid) is null)
        {
            await driver.EnsureStartedAsync(FaultyVirtualBox.Kept, Token);
        }

        Assert.NotNull(FaultyVirtualBox.Find(box.KeptUuid));
    }

    private static async Task ReadyAsync(FaultyVirtualBox box, VirtualBoxHypervisor driver)
    {
        await OnAsync(box, driver);
        await box.Lab.RunAsync("guestproperty", "set", box.KeptUuid, PhaseReports.Property, "ready");
        await box.Lab.RunAsync("guestproperty", "unset", box.KeptUuid, "/VBDP/Config/0");
        await box.Lab.RunAsync("guestproperty", "unset", box.KeptUuid, "/VBDP/Config/Count");
    }

    private static async Task SilentAsync(FaultyVirtualBox box, VirtualBoxHypervisor driver)
    {
        await OnAsync(box, driver);
        await box.Lab.RunAsync("guestproperty", "unset", box.KeptUuid, PhaseReports.Property);
    }

    private static async Task ConfigureAsync(FaultyVirtualBox box, VirtualBoxHypervisor driver)
    {
        var secret = Guid.NewGuid().ToString("N");
        await driver.ConfigureAsync(FaultyVirtualBox.Kept, new GuestConfiguration(secret), Token);
        Assert.Equal(secret, await ReadAsync(box, "/VBDP/Config/0"));
        Assert.Equal("1", await ReadAsync(box, "/VBDP/Config/Count"));
    }

    private static async Task HearChangeAsync(FaultyVirtualBox box, VirtualBoxHypervisor driver)
    {
        var hearing = HearAsync(driver, GuestPhase.Ready);
        while (!box.Struck)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }

        await box.Lab.RunAsync("guestproperty", "set", box.KeptUuid, PhaseReports.Property, "ready");
        await hearing;
    }

    private static async Task HearAsync(VirtualBoxHypervisor driver, GuestPhase phase)
    {
        await foreach (var heard in driver.WatchAsync(Token))
        {
            if (heard.Report?.Phase == phase)
            {
                return;
            }
        }
    }

    private static async Task<string?> ReadAsync(FaultyVirtualBox box, string name) =>
        GuestPropertyText.ParseValue(await box.Lab.RunAsync("guestproperty", "get", box.KeptUuid, name));

    private static void Usable(ImageHealth health)
    {
        if (!health.IsUsable)
        {
            throw new HypervisorException(health.Fault ?? HypervisorFault.Failed, health.Problem ?? "");
        }
    }

    private static void Healthy(HypervisorHealth health)
    {
        if (!health.CanStart || health.Version is null)
        {
            throw new HypervisorException(HypervisorFault.Failed, health.Detail);
        }
    }
}
