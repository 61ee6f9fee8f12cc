using System.ComponentModel;
using System.Diagnostics;

namespace Provisioner.Tests.Programs;

/// <summary>The real openssl, and curl beside it: other implementations than the one that the product is made with.</summary>
internal static class OpenSsl
{
    public static Task<string> RunAsync(params string[] args) => RunAsync("openssl", args, input: "");

    /// <summary>All that the program printed, whatever its exit code.</summary>
    public static async Task<string> RunAsync(string program, string[] args, string input)
    {
        ProcessStartInfo start = new(program, args) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            try
            {
                await process.StandardInput.WriteAsync(input);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It has ended already: what it says of that is what counts.
            }

            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return await output + await error;
        }
        catch (Win32Exception)
        {
            Assert.Skip($"There is no {program} on this machine: apt-get install {program}.");
            throw;
        }
    }
}
