using System.Diagnostics;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>The commands of docs/how-to/windows-image.md, up to the start of a machine, which this VirtualBox cannot.</summary>
public sealed class VirtualBoxWindowsPage
{
    private const string WhatStarts = " --install-additions --start-vm=headless";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 300_000)]
    public async Task The_real_VBoxManage_prepares_an_installation_of_windows_as_the_page_says()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        var commands = await FirstCommandsAsync();
        Assert.Contains(WhatStarts, commands, StringComparison.Ordinal);
        await lab.RunAsync("setproperty", "machinefolder", Path.Combine(lab.Folder, "machines"));
        var program = Path.Combine(Directory.CreateDirectory(Path.Combine(lab.Folder, "bin")).FullName, "VBoxManage");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\nVBOX_USER_HOME='{lab.Options.UserHome}' VBOX_IPC_SOCKETID='{lab.Options.IpcSocketId}' exec '{lab.Program}' \"$@\"\n", Token);

        // So much of an installer as VirtualBox looks at.
        var script = $$"""
            cd '{{lab.Folder}}' && chmod +x bin/VBoxManage && mkdir -p iso/sources
            printf '[BUILDINFO]\r\nBuildArch=amd64\r\n' >iso/sources/idwbinfo.txt
            genisoimage -quiet -J -R -o windows.iso iso
            PATH="$PWD/bin:$PATH"
            {{commands.Replace(WhatStarts, "", StringComparison.Ordinal)}}
            """;
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-euc", script]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var said = await Task.WhenAll(shell.StandardOutput.ReadToEndAsync(Token), shell.StandardError.ReadToEndAsync(Token));
        await shell.WaitForExitAsync(Token);

        Assert.True(shell.ExitCode == 0, string.Concat(said));
        Assert.Contains("is ready to be started", said[0], StringComparison.Ordinal);
        var shown = await lab.RunAsync("showvminfo", "windows-base", "--machinereadable");
        Assert.Contains($"\"SATA-1-0\"=\"{lab.Folder}/windows.iso\"", shown, StringComparison.Ordinal);
        Assert.Contains("aux-floppy.img\"", shown, StringComparison.Ordinal);
        Assert.Contains("rtcuseutc=\"on\"", shown, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(lab.Folder, "password")));
        }
    }

    private static async Task<string> FirstCommandsAsync()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(VirtualBoxLab.Repository(), "docs", "how-to", "windows-image.md"), Token);
        return page.Split("```sh\n")[1].Split("```")[0];
    }
}
