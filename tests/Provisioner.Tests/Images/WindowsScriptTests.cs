using System.Xml.Linq;

namespace Provisioner.Tests.Images;

public sealed class WindowsScriptTests : IDisposable
{
    private static readonly XNamespace Scheduler = "http://schemas.microsoft.com/windows/2004/02/mit/task";

    private readonly string _folder = Directory.CreateTempSubdirectory("check-").FullName;

    public static TheoryData<string, string> Mistakes => new()
    {
        { "if (", "Missing closing" },
        { "$name = 'Köln'", "only ASCII" },
        { "iex 'dir'", "'iex' is an alias" },
        { "Invoke-Expression 'Get-Date'", "runs a text as a program" },
        { "Get-ChildItem -Frobnicate", "Get-ChildItem has no parameter -Frobnicate" },
        { "Set-Wallpaper", "there is no command 'Set-Wallpaper'" },
        { "Set-PSDebug -Trace 1", "tracing prints the configuration" },
        { "function Start-It { }", "nobody calls this" },
        { "function Make-It { }; Make-It", "approved verb" },
        { "$x = $true ? 1 : 2", "5.1 does not know this" },
        { "$x = $env:X ?? 2", "5.1 does not know this" },
        { "$x ??= 2", "5.1 does not know this" },
        { "$x = ${y}?.Length", "5.1 does not know this" },
        { "Get-Date && Get-Date", "5.1 does not know this" },
        { "try { Get-Date } catch { }", "an error is swallowed" },
        { "& ./run.cmd 2>&1", "would end the script" },
        { "Write-Output $config", "a secret is handed to a command" },
        { "& ./run.cmd --jitconfig $script:config", "a secret is handed to a command" },
        { "& ./run.cmd --jitconfig x", "an argument list is for all to see" },
        { "$text = \"it is $config\"", "a secret is put into a text" },
        { "[IO.File]::WriteAllText('x', $config)", "a secret is written" },
        { "[Console]::Out.WriteLine($script:config)", "a secret is written" },
        { "$env:ACTIONS_RUNNER_INPUT_JITCONFIG = $config", "in the environment of everything" },
        { "param($Undocumented)", "the help does not explain this option" },
    };

    [Fact(Timeout = 60_000)]
    public async Task The_scripts_keep_their_own_rules()
    {
        var check = await PowerShell.RunAsync(Repository.File("images/windows/check.ps1"), []);

        Assert.True(check.ExitCode == 0, check.Output);
    }

    /// <summary>A mistake a file, all of them in one run: each must be found where it is.</summary>
    [Fact(Timeout = 60_000)]
    public async Task Each_rule_finds_its_mistake()
    {
        foreach (var (index, row) in Mistakes.Index())
        {
            await File.WriteAllTextAsync(Path.Combine(_folder, $"mistake{index}.ps1"), $"{row.Data.Item1}\nSet-StrictMode -Version 3.0\n", TestContext.Current.CancellationToken);
        }
        await File.WriteAllTextAsync(Path.Combine(_folder, "good.ps1"), "Set-StrictMode -Version 3.0\nGet-Date\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder, "lax.ps1"), "Get-Date\n", TestContext.Current.CancellationToken);

        var check = await PowerShell.RunAsync(Repository.File("images/windows/check.ps1"), ["-Folder", _folder]);

        Assert.Equal(1, check.ExitCode);
        var lines = check.Output.Split('\n');
        Assert.All(Mistakes.Index(), mistake => Assert.True(
            lines.Any(line => line.StartsWith($"mistake{mistake.Index}.ps1:", StringComparison.Ordinal) && line.Contains(mistake.Item.Data.Item2, StringComparison.Ordinal)),
            $"{mistake.Item.Data.Item1} was not found to be wrong, for {mistake.Item.Data.Item2}:\n{check.Output}"));
        Assert.Contains(lines, line => line.StartsWith("lax.ps1:1: the script is not strict", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.StartsWith("good.ps1", StringComparison.Ordinal));
    }

    [Fact]
    public void The_task_starts_at_boot_as_the_system_without_a_time_limit_and_reports_a_life_that_broke()
    {
        var task = XDocument.Load(Repository.File("images/windows/gha-task.xml")).Root!;

        Assert.NotNull(task.Element(Scheduler + "Triggers")!.Element(Scheduler + "BootTrigger"));
        Assert.Equal("S-1-5-18", task.Descendants(Scheduler + "UserId").Single().Value);
        Assert.Equal("PT0S", task.Descendants(Scheduler + "ExecutionTimeLimit").Single().Value);
        Assert.Equal("IgnoreNew", task.Descendants(Scheduler + "MultipleInstancesPolicy").Single().Value);
        Assert.InRange((int)task.Descendants(Scheduler + "Priority").Single(), 4, 6);
        var arguments = task.Descendants(Scheduler + "Arguments").Select(element => element.Value).ToList();
        Assert.Equal(2, arguments.Count);
        Assert.All(arguments, line => Assert.Contains("-File \"@PROGRAMS@\\configure.ps1\"", line, StringComparison.Ordinal));
        Assert.Contains("-Failed \"", arguments[1], StringComparison.Ordinal);
    }

    /// <summary>Windows' own compiler knows C# 5. The block's form is what CreateProcessAsUser takes.</summary>
    [Fact(Timeout = 60_000)]
    public async Task What_is_compiled_in_the_image_is_c_sharp_5_and_makes_the_environment_that_windows_takes()
    {
        var script = Path.Combine(_folder, "compile.ps1");
        await File.WriteAllTextAsync(script, $$"""
            $ErrorActionPreference = 'Stop'
            Add-Type -Path '{{Repository.File("images/windows/guest.cs")}}' -CompilerOptions '-langversion:5', '-warnaserror'
            $more = [Collections.Generic.Dictionary[string, string]]::new()
            $more['path'] = 'new'
            $more['JIT'] = 'a=b=='
            $all = [Vbdp.RunnerProcess]::Merge([string[]] ('=C:=C:\x', 'Path=old', 'temp=t'), $more)
            [Vbdp.RunnerProcess]::Block($all).Replace("`0", '|')
            """, TestContext.Current.CancellationToken);

        var compiled = await PowerShell.RunAsync(script, []);

        Assert.Equal(@"=C:=C:\x|JIT=a=b==|Path=new|temp=t||", compiled.Output.Trim());
    }

    [Theory(Timeout = 60_000)]
    [InlineData("busy", new[] { "failed: it broke" })]
    [InlineData("done", new string[0])]
    [InlineData("failed: why", new string[0])]
    public async Task A_life_that_broke_is_reported_after_it_and_one_that_ended_is_not(string last, string[] phases)
    {
        using var host = new GuestOnVirtualBox();
        Directory.CreateDirectory(host.Guest.InFolder("state"));
        await File.WriteAllTextAsync(host.Guest.InFolder("state/phase"), last + "\n", TestContext.Current.CancellationToken);

        await host.Guest.ConfigureAsync(PowerShell.Name, "-Failed", "it broke");

        Assert.Equal(phases, host.Phases);
        Assert.True(host.Guest.PoweredOff);
    }

    [Fact(Timeout = 60_000)]
    public async Task What_breaks_in_the_script_itself_is_reported_without_its_text()
    {
        using var host = new GuestOnVirtualBox();
        host.OfferConfiguration();
        GuestFolder.WriteProgram(host.Guest.InFolder("runner/run.cmd"), "");
        File.WriteAllText(host.Guest.InFolder("runner/run.cmd"), "no program at all");
        await Shell.RunAsync("chmod", ["-x", host.Guest.InFolder("runner/run.cmd")]);

        await host.Guest.ConfigureAsync(PowerShell.Name);

        Assert.StartsWith("failed: configure.ps1 broke: ", host.Phases[^1], StringComparison.Ordinal);
        Assert.Contains("(configure.ps1, line ", host.Phases[^1], StringComparison.Ordinal);
        Assert.Empty(host.Guest.FilesWithTheSecret());
        Assert.True(host.Guest.PoweredOff);
    }

    [Fact(Timeout = 60_000)]
    public async Task Settings_of_the_image_reach_the_job_but_those_of_the_script_do_not()
    {
        using var host = new GuestOnVirtualBox();
        host.OfferConfiguration();
        GuestFolder.WriteProgram(host.Guest.InFolder("runner/run.cmd"), GuestFolder.GoodRunner + "\nenv >environment");
        await File.WriteAllTextAsync(host.Guest.InFolder("settings"), "# a comment\r\nhttps_proxy=http://proxy:3128\r\nVBDP_ONLINE_TIMEOUT=20\r\n", TestContext.Current.CancellationToken);

        await host.Guest.ConfigureAsync(PowerShell.Name);

        var environment = await File.ReadAllLinesAsync(host.Guest.InFolder("runner/environment"), TestContext.Current.CancellationToken);
        Assert.Contains("https_proxy=http://proxy:3128", environment);
        Assert.DoesNotContain(environment, line => line.StartsWith("VBDP_", StringComparison.Ordinal));
        Assert.Equal("done", host.Phases[^1]);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
