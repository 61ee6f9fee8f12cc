using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// An image is a machine with a snapshot. It is built as the machine that it will be, under a name that says so until its snapshot is
/// taken: what has that name while nobody builds was left by a build that was killed.
/// </summary>
/// <param name="options">How the server uses VirtualBox.</param>
/// <param name="import">Makes a VDI of the disk that an image begins as, from one path to the other, within a deadline: VirtualBox itself reads no qcow2 of today.</param>
/// <param name="work">Full path of the folder for what is needed only meanwhile. Removed with all that is in it.</param>
/// <param name="time">The clock of deadlines.</param>
public sealed class VirtualBoxImageBuilder(
    VirtualBoxOptions options, Func<string, string, TimeSpan, CancellationToken, Task> import, string work, TimeProvider time) : IImageBuilder
{
    private const string Prefix = "vbdp-building-";
    private const string Snapshot = "ready";
    private const int KeptConsole = 64 * 1024;
    private const long MostConsole = 64L * 1024 * 1024;

    private readonly VBoxManage manage = new(options, time, NullLogger.Instance);

    private string uuid = "";
    private string folder = "";
    private bool hasAdditions;

    private string Console => Path.Combine(work, "console.log");

    public async Task StartAsync(ImageOrder order, CancellationToken cancellationToken)
    {
        PrivateFiles.CreateFolder(work);
        PrivateFiles.CreateFolder(order.Folder);
        folder = order.Folder;
        FreeSpace.Require(options.ReserveBytes, order.Folder, options.SettingsFolder);
        var disk = Path.Combine(order.Folder, "disk.vdi");
        await import(order.Disk, disk, order.Deadline, cancellationToken);
        await MakeAsync(order, disk, cancellationToken);
        await ChangeAsync(options.StartDeadline, cancellationToken, "startvm", uuid, "--type", "headless");
    }

    public async Task<bool> IsOnAsync(CancellationToken cancellationToken)
    {
        if (File.Exists(Console) && new FileInfo(Console).Length > MostConsole)
        {
            throw new HypervisorException(HypervisorFault.Failed, $"The machine wrote more than {MostConsole >> 20} MiB to its console. It is ended before it fills the disk.");
        }

        return VmInfo.Parse(await manage.RunAsync(["showvminfo", uuid, "--machinereadable"], cancellationToken)).Power switch
        {
            VmPower.Off => false,
            VmPower.On => true,
            VmPower.Broken => throw StoppedBuild.In(folder),
        };
    }

    public async Task<string> ReadConsoleAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(Console))
        {
            return "";
        }

        await using var console = new FileStream(Console, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        console.Seek(-Math.Min(KeptConsole, console.Length), SeekOrigin.End);
        using var reader = new StreamReader(console);
        return await reader.ReadToEndAsync(cancellationToken);
    }

    public async Task<BaseImage> SealAsync(ImageOrder order, CancellationToken cancellationToken)
    {
        await AttachAsync("1", "dvddrive", "none", cancellationToken);
        if (hasAdditions)
        {
            await AttachAsync("2", "dvddrive", "none", cancellationToken);
        }


        await ChangeAsync(options.Deadline, cancellationToken, "modifyvm", uuid, "--uart1", "off");
        await ChangeAsync(options.Deadline, cancellationToken, "snapshot", uuid, "take", Snapshot);
        await ChangeAsync(options.Deadline, cancellationToken, "modifyvm", uuid, "--name", $"image-{order.Name}-{order.Version}");
        return new BaseImage(uuid, Snapshot);
    }

    public async Task CleanAsync(CancellationToken cancellationToken)
    {
        var registered = RegisteredVm.ParseList(await manage.RunAsync(["list", "vms"], cancellationToken));
        foreach (var left in registered.Where(vm => vm.Name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            await SwitchOffAsync(left.Uuid.ToString(), cancellationToken);
            await ChangeAsync(options.Deadline, cancellationToken, "unregistervm", left.Uuid.ToString(), "--delete");
        }

        if (Directory.Exists(work))
        {
            Directory.Delete(work, recursive: true);
        }
    }

    public async Task<bool> IsInUseAsync(BaseImage image, CancellationToken cancellationToken)
    {
        var info = VmInfo.Parse(await manage.RunAsync(["showvminfo", image.Source, "--machinereadable"], cancellationToken));
        foreach (var disk in info.Disks)
        {
            // The machine's own disk is a child of the one that its snapshot keeps; clones are further ones.
            var told = await manage.RunAsync(["showmediuminfo", "disk", disk], cancellationToken);
            if (ParentOf(told) is not { } parent || ChildrenOf(await manage.RunAsync(["showmediuminfo", "disk", parent], cancellationToken)) > 1)
            {
                return true;
            }
        }

        return false;
    }

    public async Task RemoveAsync(BaseImage image, string folder, CancellationToken cancellationToken)
    {
        await ChangeAsync(options.Deadline, cancellationToken, "unregistervm", image.Source, "--delete");
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public ValueTask DisposeAsync() => manage.DisposeAsync();

    private static string? ParentOf(string medium) => Line(medium, "Parent UUID:") is { } parent && Guid.TryParse(parent, out _) ? parent : null;

    // The first stands behind the title, each other on a line of its own.
    private static int ChildrenOf(string medium)
    {
        var lines = medium.Split('\n', StringSplitOptions.TrimEntries).SkipWhile(line => !line.StartsWith("Child UUIDs:", StringComparison.Ordinal)).ToList();
        return lines.Count == 0 ? 0 : 1 + lines.Skip(1).TakeWhile(line => Guid.TryParse(line, out _)).Count();
    }

    private static string? Line(string text, string title) =>
        text.Split('\n', StringSplitOptions.TrimEntries).FirstOrDefault(line => line.StartsWith(title, StringComparison.Ordinal))?[title.Length..].Trim();

    private async Task MakeAsync(ImageOrder order, string disk, CancellationToken cancellationToken)
    {
        uuid = Guid.NewGuid().ToString();
        var name = $"{Prefix}{order.Name}-{order.Version}";
        await ChangeAsync(options.Deadline, cancellationToken, "createvm", "--name", name, "--uuid", uuid, "--ostype", "Linux26_64", "--basefolder", order.Folder, "--register");
        await ChangeAsync(
            options.Deadline, cancellationToken, "modifyvm", uuid, "--cpus", Number(order.Cpus), "--memory", Number(order.MemoryMegabytes), "--nic1", "nat", "--ioapic", "on",
            "--rtc-use-utc", "on", "--graphicscontroller", "vmsvga", "--uart1", "0x3F8", "4", "--uart-mode1", "file", Console);
        if (order.DiskMegabytes is { } size)
        {
            await ChangeAsync(order.Deadline, cancellationToken, "modifymedium", "disk", disk, "--resize", Number(size));
        }

        await ChangeAsync(options.Deadline, cancellationToken, "storagectl", uuid, "--name", "SATA", "--add", "sata", "--portcount", "3");
        await AttachAsync("0", "hdd", disk, cancellationToken);
        await AttachAsync("1", "dvddrive", order.Seed, cancellationToken);
        var properties = await manage.RunAsync(["list", "systemproperties"], cancellationToken);
        // Where there are none, the guest has to get them from its packages.
        if (Line(properties, "Default Guest Additions ISO:") is { } additions && File.Exists(additions))
        {
            await AttachAsync("2", "dvddrive", additions, cancellationToken);
            hasAdditions = true;
        }
    }

    private Task AttachAsync(string port, string type, string medium, CancellationToken cancellationToken) => ChangeAsync(
        options.Deadline, cancellationToken, "storageattach", uuid, "--storagectl", "SATA", "--port", port, "--device", "0", "--type", type, "--medium", medium);

    private async Task SwitchOffAsync(string machine, CancellationToken cancellationToken)
    {
        await manage.TryChangeAsync(["controlvm", machine, "poweroff"], options.SwitchOffPatience, () => Task.FromResult(false), cancellationToken);
        HeadlessProcess.TryKill(machine);
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private async Task ChangeAsync(TimeSpan deadline, CancellationToken cancellationToken, params string[] command)
    {
        var result = await manage.PersistAsync(() => manage.TryChangeAsync(command, deadline, () => Task.FromResult(false), cancellationToken), cancellationToken);
        if (!result.Succeeded)
        {
            throw VBoxManage.Failed(command, result);
        }
    }
}
