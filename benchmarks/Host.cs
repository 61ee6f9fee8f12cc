using System.Security.Cryptography;

namespace Provisioner.Benchmarks;

/// <summary>A VirtualBox with settings, a service and images of its own, in which starting a machine is left to a stand-in.</summary>
internal sealed class Host : IDisposable
{
    public const string SmallImage = "small";
    public const string LargeImage = "large";

    /// <summary>The machine that the original would clone: without a snapshot.</summary>
    public const string PlainImage = "plain";

    private readonly Options options;
    private readonly Dictionary<string, string> environment;

    private Host(Options options)
    {
        this.options = options;
        environment = new() { ["VBOX_USER_HOME"] = UserHome, ["VBOX_IPC_SOCKETID"] = IpcSocketId, ["LC_ALL"] = "C.UTF-8" };
        foreach (var folder in new[] { "real", "names", "pids", "running", "started" })
        {
            Directory.CreateDirectory(Path.Combine(Folder, folder));
        }

        File.CreateSymbolicLink(Path.Combine(Folder, "real", "VBoxManage"), options.VBoxManage);
        File.CreateSymbolicLink(Path.Combine(Folder, "VBoxHeadless"), "/bin/sh");
        File.CreateSymbolicLink(Program, Path.Combine(options.Repository, "benchmarks", "stand-in", "VBoxManage"));

        Starts = new Starts(Path.Combine(Folder, "started"));
    }

    public string Program => Path.Combine(Folder, "VBoxManage");

    public string UserHome => Path.Combine(options.Work, "settings");

    public string IpcSocketId => Path.GetFileName(options.Work);

    /// <summary>Where the server makes its machines.</summary>
    public string Machines => Path.Combine(options.Work, "machines");

    /// <summary>Where the bare sequences make theirs.</summary>
    public string Bare => Path.Combine(options.Work, "bare");

    public Starts Starts { get; }

    private string Folder => Path.Combine(options.Work, "host");

    public static async Task<Host> MakeAsync(Options options, Report report)
    {
        var host = new Host(options);
        await Child.RunAsync("mkfifo", [Path.Combine(host.Folder, "silence")]);
        report.Say("makes images of random data");
        await host.MakeImageAsync(SmallImage, options.SmallImage, snapshot: true);
        await host.MakeImageAsync(PlainImage, options.SmallImage, snapshot: false);
        await host.MakeImageAsync(LargeImage, options.LargeImage, snapshot: true);
        return host;
    }

    /// <summary>Runs VBoxManage, or what stands in for it.</summary>
    public Task<string> RunAsync(params IEnumerable<string> arguments) => Child.RunAsync(Program, arguments, environment);

    public Task<(int Code, string Output)> TryRunAsync(params IEnumerable<string> arguments) => Child.TryRunAsync(Program, arguments, environment);

    /// <summary>Everything that the server calls while this runs.</summary>
    public async Task<IReadOnlyList<string[]>> RecordAsync(Func<Task> work)
    {
        var (switched, calls) = (Path.Combine(Folder, "record"), Path.Combine(Folder, "calls"));
        File.Delete(calls);
        await File.WriteAllTextAsync(switched, "");
        await work();
        File.Delete(switched);
        var text = File.Exists(calls) ? await File.ReadAllTextAsync(calls) : "";
        return [.. text.Split("\n\x1f", StringSplitOptions.RemoveEmptyEntries).Select(call => call.Split('\x1f')[..^1])];
    }

    public void Dispose() => Starts.Dispose();

    private async Task MakeImageAsync(string name, long size, bool snapshot)
    {
        var folder = Path.Combine(options.Work, "images", name);
        var (raw, disk) = (Path.Combine(options.Work, name + ".raw"), Path.Combine(folder, name + ".vdi"));
        await RunAsync("createvm", "--name", name, "--ostype", "Debian_64", "--basefolder", Path.GetDirectoryName(folder)!, "--register");
        await WriteRandomAsync(raw, size);
        await RunAsync("convertfromraw", raw, disk, "--format", "VDI");
        File.Delete(raw);
        await RunAsync("modifyvm", name, "--cpus", "1", "--memory", "256", "--nic1", "nat");
        await RunAsync("storagectl", name, "--name", "SATA", "--add", "sata");
        await RunAsync("storageattach", name, "--storagectl", "SATA", "--port", "0", "--device", "0", "--type", "hdd", "--medium", disk);
        if (snapshot)
        {
            await RunAsync("snapshot", name, "take", "ready");
        }
    }

    private static async Task WriteRandomAsync(string file, long size)
    {
        var block = new byte[1024 * 1024];
        await using var stream = File.Create(file);
        for (var written = 0L; written < size; written += block.Length)
        {
            RandomNumberGenerator.Fill(block);
            await stream.WriteAsync(block);
        }
    }
}
