using System.Diagnostics;

namespace Provisioner.Tests.Qemu;

/// <summary>A program that behaves as a line of shell says.</summary>
internal static class FakeProgram
{
    // Written by a process of its own: a file that this one holds open for writing, even for a moment, cannot be run while
    // another test is starting a program.
    public static async Task<string> WriteAsync(string path, string behaviour)
    {
        using var writing = Process.Start("sh", ["-c", "printf '#!/bin/sh\\n%s\\n' \"$1\" >\"$0\" && chmod 700 \"$0\"", path, behaviour]);
        await writing.WaitForExitAsync();
        return path;
    }
}
