using System.Diagnostics;
using Provisioner.Contracts;
using Provisioner.Tests.Client.Fakes;

namespace Provisioner.Tests.Client;

/// <summary>The real program, with real signals.</summary>
public sealed class SignalTests
{
    [Theory(Timeout = 30_000)]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_cancelled_step_deletes_its_vm_and_exits_with_130(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signals; the Action runs on Linux only.");
        using var authority = new TestCertificate();
        await using var server = (await ScriptedServer.StartAsync(authority.Sign()))
            .On("POST /v1/vms", Answers.Is(Answers.Vm()))
            .On("DELETE /v1/vms/vbx-1", Answers.Is(Answers.Vm(VmPhase.Deleting)))
            .On("GET /v1/vms/vbx-1/events", Answers.EventsThenSilence(Answers.Change(1, VmPhase.Booting)));
        using var step = new StepRun(server, authority.AuthorityPem);
        using var program = Start(step, "env", "--default-signal=INT", "dotnet"); // a shell starts background jobs with SIGINT ignored
        var output = program.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        await server.SeenAsync("GET /v1/vms/vbx-1/events");
        using var kill = Process.Start("kill", ["-s", signal, $"{program.Id}"]);
        await program.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(130, program.ExitCode);
        Assert.Equal(1, server.Count("DELETE /v1/vms/vbx-1"));
        Assert.Contains("VM vbx-1 is being deleted.", await output, StringComparison.Ordinal);
    }

    [Fact(Timeout = 30_000)]
    public async Task Signals_reach_the_program_as_the_first_process_of_a_container()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "A process number space of its own needs Linux and root.");
        using var authority = new TestCertificate();
        await using var server = (await ScriptedServer.StartAsync(authority.Sign()))
            .On("POST /v1/vms", Answers.Is(Answers.Vm()))
            .On("DELETE /v1/vms/vbx-1", Answers.Is(Answers.Vm(VmPhase.Deleting)))
            .On("GET /v1/vms/vbx-1/events", Answers.EventsThenSilence(Answers.Change(1, VmPhase.Booting)));
        using var step = new StepRun(server, authority.AuthorityPem);
        using var unshare = Start(step, "unshare", "--pid", "--fork", "dotnet");

        await server.SeenAsync("GET /v1/vms/vbx-1/events");
        var program = await File.ReadAllTextAsync($"/proc/{unshare.Id}/task/{unshare.Id}/children", TestContext.Current.CancellationToken);
        using var kill = Process.Start("kill", ["-s", "TERM", program.Trim()]);
        await unshare.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(130, unshare.ExitCode);
        Assert.Equal(1, server.Count("DELETE /v1/vms/vbx-1"));
    }

    // The program that the build put beside the tests; the published one is run by the end-to-end tests.
    private static Process Start(StepRun step, params string[] launcher)
    {
        string[] command = [.. launcher.DefaultIfEmpty("dotnet"), Path.Combine(AppContext.BaseDirectory, "virtualbox-client.dll")];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true };
        foreach (var (name, value) in step.Environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
