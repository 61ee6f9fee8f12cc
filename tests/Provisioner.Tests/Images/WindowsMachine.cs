using System.IO.Compression;
using System.Security.Cryptography;

namespace Provisioner.Tests.Images;

/// <summary>
/// The folders of a Windows machine, and stand-ins for those of its programs and commands that setup.ps1 calls: each writes down how it was
/// called. What they do on Windows is not tried here; what setup.ps1 does itself, it does to these folders.
/// </summary>
internal sealed class WindowsMachine : IDisposable
{
    private const string Commands = """
        function Note { Add-Content -LiteralPath $env:CALLS -Value ($args -join ' ') }
        function Get-LocalUser { foreach ($name in @(Get-Content -LiteralPath $env:USERS -ErrorAction SilentlyContinue)) { [pscustomobject] @{ Name = $name } } }
        function New-LocalUser {
            param([string] $Name, [securestring] $Password, [switch] $PasswordNeverExpires, [switch] $AccountNeverExpires, [switch] $UserMayNotChangePassword, [string] $Description)
            if ($Password.Length -lt 20) { throw 'a weak password' }
            Add-Content -LiteralPath $env:USERS -Value $Name
            Note New-LocalUser $Name
        }
        function Add-LocalGroupMember { param([string] $SID, [string] $Member) Note Add-LocalGroupMember $SID $Member }
        function Remove-LocalGroupMember { [CmdletBinding()] param([string] $SID, [string] $Member) Write-Error -Message 'no member' -ErrorId MemberNotFound }
        function Get-Service { param([string] $Name) if ($env:SERVICE -like $Name) { [pscustomobject] @{ Name = $env:SERVICE } } }
        function Register-ScheduledTask { param([string] $TaskName, [string] $Xml, [switch] $Force) Note Register-ScheduledTask $TaskName; Set-Content -LiteralPath "$env:CALLS.xml" -Value $Xml }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("windows-").FullName;

    public WindowsMachine()
    {
        foreach (var folder in new[] { "bin", "modules/Windows", "ProgramFiles", "ProgramData/ssh", "Windows/Panther", "Temp" })
        {
            Directory.CreateDirectory(InFolder(folder));
        }
        File.WriteAllText(InFolder("modules/Windows/Windows.psm1"), Commands);
        foreach (var program in new[] { "icacls.exe", "reg.exe", "powercfg.exe", "tzutil.exe", "wevtutil.exe" })
        {
            GuestFolder.WriteProgram(InFolder($"bin/{program}"), $"echo {program} \"$@\" >>\"$CALLS\"; [ \"$1\" != el ] || echo System");
        }
        GuestFolder.WriteProgram(InFolder("bin/whoami.exe"), """echo "\"Mandatory Label\",\"Label\",\"$LEVEL\",\"\"" """);
        Settings = new Dictionary<string, string>
        {
            ["OS"] = "Windows_NT",
            ["PROCESSOR_ARCHITECTURE"] = "AMD64",
            ["LEVEL"] = "S-1-16-12288",
            ["PATH"] = $"{InFolder("bin")}:{Environment.GetEnvironmentVariable("PATH")}",
            ["PSModulePath"] = InFolder("modules"),
            ["CALLS"] = InFolder("calls"),
            ["USERS"] = InFolder("users"),
            ["ProgramFiles"] = InFolder("ProgramFiles"),
            ["ProgramData"] = InFolder("ProgramData"),
            ["SystemRoot"] = InFolder("Windows"),
            ["SystemDrive"] = _folder,
            ["TMPDIR"] = InFolder("Temp"),
        };
    }

    public Dictionary<string, string> Settings { get; }

    public string RunnerFolder => InFolder("actions-runner");

    public IReadOnlyList<string> Calls => File.Exists(InFolder("calls")) ? File.ReadAllLines(InFolder("calls")) : [];

    public string Task => File.ReadAllText(InFolder("calls.xml"));

    public string InFolder(string name) => Path.Combine(_folder, name);

    public string Write(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(InFolder(name))!);
        File.WriteAllText(InFolder(name), "old");
        return InFolder(name);
    }

    /// <summary>A runner's zip file of these files, each a program that says its own name; run.cmd may do more.</summary>
    public (string File, string Sum) Zip(params string[] names) => ZipWith("", names);

    public (string File, string Sum) ZipWith(string runner, params string[] names)
    {
        var source = Directory.CreateDirectory(InFolder("zip")).FullName;
        foreach (var name in names)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(source, name))!);
            GuestFolder.WriteProgram(Path.Combine(source, name), name == "run.cmd" ? runner : $"echo {name} \"$@\" >>\"$CALLS\"");
        }
        ZipFile.CreateFromDirectory(source, InFolder("runner.zip"));
        return (InFolder("runner.zip"), Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(InFolder("runner.zip")))));
    }

    public Task<Shell> SetupAsync(params string[] arguments) => PowerShell.RunAsync(Repository.File("images/windows/setup.ps1"), arguments, Settings);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
