using System.Diagnostics;

namespace Provisioner.CrashMatrix;

/// <summary>
/// A real VirtualBox with settings and a service of its own, an image, and twenty machines of others. Without a kernel driver no
/// machine starts: that one call is left to the stand-in of the benchmarks.
/// </summary>
internal sealed class VirtualBoxKind : HostKind
{
    private readonly string folder;
    private readonly Dictionary<string, string> environment;

    // The stand-in of a machine that runs has no state.
    public override bool Saves => false;

    private VirtualBoxKind(string real, string folder)
    {
        this.folder = folder;
        environment = new() { ["VBOX_USER_HOME"] = UserHome, ["VBOX_IPC_SOCKETID"] = IpcSocketId, ["LC_ALL"] = "C.UTF-8" };
        foreach (var name in new[] { "real", "names", "pids", "running", "started" })
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
        }

        File.CreateSymbolicLink(Path.Combine(folder, "real", "VBoxManage"), real);
        File.CreateSymbolicLink(Path.Combine(folder, "VBoxHeadless"), "/bin/sh");
        File.CreateSymbolicLink(Program, Path.Combine(Repository(), "benchmarks", "stand-in", "VBoxManage"));
    }

    public string Program => Path.Combine(folder, "VBoxManage");

    public string UserHome => Path.Combine(folder, "settings");

    public string IpcSocketId => "matrix-" + Path.GetFileName(Path.GetDirectoryName(folder));

    /// <summary>Where the stand-in keeps a file for each machine that runs, by its UUID: a line with its name.</summary>
    public string Running => Path.Combine(folder, "running");

    public string Strangers => Path.Combine(folder, "others");

    public static async Task<HostKind> MakeAsync(string real, string folder)
    {
        var kind = new VirtualBoxKind(real, folder);
        (await kind.RunAsync("--version")).Require();
        using (var pipe = Process.Start("mkfifo", Path.Combine(folder, "silence")))
        {
            await pipe.WaitForExitAsync();
        }

        var images = Path.Combine(folder, "images");
        var disk = Path.Combine(images, "base", "base.vdi");
        (await kind.RunAsync("createvm", "--name", "base", "--ostype", "Debian_64", "--basefolder", images, "--register")).Require();
        (await kind.RunAsync("createmedium", "disk", "--filename", disk, "--size", "64")).Require();
        (await kind.RunAsync("storagectl", "base", "--name", "SATA", "--add", "sata")).Require();
        (await kind.RunAsync("storageattach", "base", "--storagectl", "SATA", "--port", "0", "--device", "0", "--type", "hdd", "--medium", disk)).Require();
        (await kind.RunAsync("snapshot", "base", "take", "clean")).Require();
        for (var number = 0; number < MachineHost.Strangers; number++)
        {
            var name = number % 2 == 0 ? $"vbdp-theirs-{number}" : $"machine {number}";
            (await kind.RunAsync("createvm", "--name", name, "--ostype", "Debian_64", "--basefolder", kind.Strangers, "--register")).Require();
        }

        return kind;
    }

    public override MachineHost Open(string folder) => new VirtualBoxMachines(Path.Combine(folder, "machines"), this);

    /// <summary>Runs VBoxManage, or what stands in for it.</summary>
    public async Task<Answer> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new Answer(process.ExitCode, output, await error, string.Join(' ', arguments));
    }

    public override ValueTask DisposeAsync()
    {
        var socket = $"/tmp/.vbox-{IpcSocketId}-ipc";
        if (Directory.Exists(socket))
        {
            Directory.Delete(socket, recursive: true); // the service itself ends five seconds after its last client
        }

        return base.DisposeAsync();
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Provisioner.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The matrix does not lie below the repository.");
        }

        return folder.FullName;
    }

    /// <summary>What VBoxManage answered.</summary>
    internal sealed record Answer(int ExitCode, string Output, string Error, string Command)
    {
        public bool Succeeded => ExitCode == 0;

        public void Require()
        {
            if (!Succeeded)
            {
                throw new InvalidOperationException($"VBoxManage {Command}: {Error}");
            }
        }
    }
}
