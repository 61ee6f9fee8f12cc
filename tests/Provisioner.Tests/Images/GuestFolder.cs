using System.Security.Cryptography;

namespace Provisioner.Tests.Images;

/// <summary>The parts of a guest that <c>configure.sh</c> and its twin for Windows touch, in a folder: a runner made of shell, state, a power switch.</summary>
internal sealed class GuestFolder : IDisposable
{
    public const string GoodRunner = """
        printf %s "$ACTIONS_RUNNER_INPUT_JITCONFIG" >received
        echo "2026-01-01 00:00:00Z: Listening for Jobs"
        echo "2026-01-01 00:00:00Z: Running job: build"
        echo "2026-01-01 00:00:00Z: Job build completed with result: Succeeded"
        """;

    public GuestFolder(string runner = GoodRunner)
    {
        Directory.CreateDirectory(InFolder("runner"));
        WriteProgram(InFolder("runner/run.sh"), runner);
        WriteProgram(InFolder("runner/run.cmd"), runner);
        WriteProgram(InFolder("poweroff"), $"echo off >>{InFolder("power")}");
        Settings = new Dictionary<string, string>
        {
            ["VBDP_RUNNER_DIR"] = InFolder("runner"),
            ["VBDP_RUNNER_USER"] = Environment.UserName,
            ["VBDP_STATE_DIR"] = InFolder("state"),
            ["VBDP_USED_MARK"] = InFolder("used"),
            ["VBDP_POWEROFF"] = InFolder("poweroff"),
            ["VBDP_PORT"] = InFolder("no-port"),
            ["VBDP_VBOXCONTROL"] = InFolder("no-program"),
            ["VBDP_SETTINGS"] = InFolder("settings"),
            ["VBDP_NETWORK_TIMEOUT"] = "0",
            ["VBDP_CHANNEL_TIMEOUT"] = "0",
            ["VBDP_CONFIG_TIMEOUT"] = "30",
            ["VBDP_ONLINE_TIMEOUT"] = "30",
        };
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("guest-").FullName;

    public Dictionary<string, string> Settings { get; }

    /// <summary>As long as a real configuration: longer than a property or a pipe's line may be.</summary>
    public string Secret { get; } = Convert.ToBase64String(RandomNumberGenerator.GetBytes(4_500));

    public bool PoweredOff => File.Exists(InFolder("power"));

    public string? Received => File.Exists(InFolder("runner/received")) ? File.ReadAllText(InFolder("runner/received")) : null;

    public string InFolder(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Runs configure.sh in a shell, or configure.ps1 in PowerShell.</summary>
    public async Task<Shell> ConfigureAsync(string shell = "sh", params string[] arguments)
    {
        if (shell == PowerShell.Name)
        {
            return await PowerShell.RunAsync(Repository.File("images/windows/configure.ps1"), arguments, Settings);
        }
        var words = shell.Split(' ');
        Shell.RequireProgram(words[0]);
        return await Shell.RunAsync(words[0], [.. words[1..], Repository.File("images/linux/configure.sh"), .. arguments], Settings);
    }

    public static void WriteProgram(string path, string body)
    {
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        OpenToAll(path);
    }

    public static void OpenToAll(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        }
    }

    /// <summary>Files of the guest, other than what the fake runner itself wrote down, that hold the secret.</summary>
    public IEnumerable<string> FilesWithTheSecret() =>
        Directory.EnumerateFiles(Path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Device })
            .Where(file => !file.EndsWith("/received", StringComparison.Ordinal) && !file.EndsWith("/output", StringComparison.Ordinal))
            .Where(file => File.ReadAllText(file).Contains(Secret[..60], StringComparison.Ordinal));

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
