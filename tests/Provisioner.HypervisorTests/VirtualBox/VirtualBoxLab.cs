using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>A real VirtualBox with settings and a service of its own, below one folder. Bare commands show what it does without us.</summary>
internal sealed class VirtualBoxLab : IAsyncDisposable
{
    private static readonly Lazy<Task<(string Program, string? Problem)>> Found = new(FindAsync);

    private readonly VBoxManage bare;

    private VirtualBoxLab(string program, string folder)
    {
        Folder = folder;
        Options = new VirtualBoxOptions
        {
            Program = program,
            MachineFolder = Path.Combine(folder, "machines"),
            UserHome = Path.Combine(folder, "settings"),
            IpcSocketId = Path.GetFileName(folder),
            SecretFolder = Directory.CreateDirectory(Path.Combine(folder, "secrets")).FullName,
            ReserveBytes = 64 * 1024 * 1024,
            PowerInterval = TimeSpan.FromMilliseconds(200),
        };
        Program = program;
        var plain = new VirtualBoxOptions { Program = program, MachineFolder = folder, UserHome = Options.UserHome, IpcSocketId = Options.IpcSocketId };
        bare = new VBoxManage(plain, TimeProvider.System, NullLogger.Instance);
    }

    /// <summary>The real VBoxManage.</summary>
    public string Program { get; }

    public string Folder { get; }

    public VirtualBoxOptions Options { get; }

    public BaseImage Image { get; } = new("base");

    /// <summary>Skips the test, saying why, where there is no VirtualBox and none can be made.</summary>
    public static async Task<VirtualBoxLab> OpenAsync(string folder)
    {
        var (program, problem) = await Found.Value;
        Assert.SkipWhen(problem is not null, problem ?? "");
        return new VirtualBoxLab(program, folder);
    }

    public static Task<VirtualBoxLab> OpenAsync() => OpenAsync(Directory.CreateTempSubdirectory("vbdp-lab-").FullName);

    public VirtualBoxHypervisor Open() => Open(TimeProvider.System);

    public VirtualBoxHypervisor Open(TimeProvider time) => new(Options, time, NullLogger<VirtualBoxHypervisor>.Instance);

    /// <summary>
    /// Puts a shell script between ours and VBoxManage, which is <c>$real</c> to it. Each call is written down first, and the script
    /// ends with the real program.
    /// </summary>
    public void Script(string script)
    {
        Directory.CreateDirectory(Options.UserHome!);
        File.WriteAllText(Path.Combine(Options.UserHome!, "calls"), "");
        File.WriteAllText(Path.Combine(Options.UserHome!, "script"), $"real='{Program}'\necho \"$1 $2\" >> \"$VBOX_USER_HOME/calls\"\n{script}\nexec \"$real\" \"$@\"\n");
        Options.Program = Path.Combine(AppContext.BaseDirectory, "VirtualBox", "scripted-VBoxManage");
    }

    /// <summary>The first two words of each call since the script was put there.</summary>
    public string[] Calls => File.ReadAllLines(Path.Combine(Options.UserHome!, "calls"));

    /// <summary>Runs VBoxManage itself, as a person would.</summary>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var result = await TryRunAsync(arguments);
        return result.Succeeded ? result.Output : throw VBoxManage.Failed(arguments, result);
    }

    public Task<VBoxResult> TryRunAsync(params string[] arguments)
    {
        var token = TestContext.Current.CancellationToken;
        // What is only read need not be waited for when VBoxManage hangs after its work.
        return arguments is ["list" or "showvminfo" or "getextradata", ..] or ["guestproperty", "get" or "enumerate", ..]
            ? bare.TryRunAsync(arguments, token)
            : bare.PersistAsync(() => bare.TryChangeAsync(arguments, Options.Deadline, () => Task.FromResult(false), token), token);
    }

    /// <summary>Makes the machine of an image: switched off, with a small empty disk.</summary>
    public async Task<string> MakeMachineAsync(string name)
    {
        var folder = Path.Combine(Folder, "images");
        await RunAsync("createvm", "--name", name, "--ostype", "Debian_64", "--basefolder", folder, "--register");
        var disk = Path.Combine(folder, name, name + ".vdi");
        await RunAsync("createmedium", "disk", "--filename", disk, "--size", "64");
        await RunAsync("storagectl", name, "--name", "SATA", "--add", "sata");
        await RunAsync("storageattach", name, "--storagectl", "SATA", "--port", "0", "--device", "0", "--type", "hdd", "--medium", disk);
        return Path.Combine(folder, name, name + ".vbox");
    }

    public async Task<string> MakeImageAsync(string name)
    {
        var settings = await MakeMachineAsync(name);
        await RunAsync("snapshot", name, "take", "clean");
        return settings;
    }

    /// <summary>Makes a bare linked clone, as others' tools do.</summary>
    public Task CloneAsync(string image, string name) => RunAsync(
        "clonevm", image, "--snapshot", "clean", "--options", "link", "--name", name, "--basefolder", Path.Combine(Folder, "bare"), "--register");

    public VmSpecification Specify(string id) => new()
    {
        Id = VmId.Parse(id), Image = Image, Label = id, Owner = "acme", Repository = "widgets",
    };

    /// <summary>Ends the service, lets something happen to its files, and so has them read anew by the next call.</summary>
    public async Task RestartServiceAsync(Action meanwhile)
    {
        foreach (var service in Process.GetProcessesByName("VBoxSVC").Where(IsOurs))
        {
            service.Kill();
            await service.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        meanwhile();
    }

    /// <summary>The process of the service.</summary>
    public int FindService() => Process.GetProcessesByName("VBoxSVC").Single(IsOurs).Id;

    /// <summary>Waits until the service ends by itself, as it does five seconds after its last client.</summary>
    public async Task AwaitServiceEndAsync()
    {
        foreach (var service in Process.GetProcessesByName("VBoxSVC").Where(IsOurs))
        {
            await service.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    public string UuidOf(string id) => new VmMark(Options.MachineFolder).UuidOf(VmId.Parse(id)).ToString();

    /// <summary>Removes the service's socket. The service itself ends five seconds after its last client.</summary>
    public void RemoveSocket()
    {
        var folder = $"/tmp/.vbox-{Options.IpcSocketId}-ipc";
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public ValueTask DisposeAsync()
    {
        RemoveSocket();
        Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    // Other tests have services of their own.
    private bool IsOurs(Process service)
    {
        try
        {
            return File.ReadAllText($"/proc/{service.Id}/environ").Split('\0').Contains("VBOX_USER_HOME=" + Options.UserHome);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task<(string Program, string? Problem)> FindAsync()
    {
        var script = Path.Combine(Repository(), "eng", "virtualbox");
        using var process = Process.Start(new ProcessStartInfo(script) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? (output.Trim().Split('\n')[^1], null)
            : ("", $"There is no VirtualBox here, and eng/virtualbox could not make one: {(await error).Trim().Split('\n')[^1]}");
    }

    public static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Provisioner.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside of the repository.");
    }
}
