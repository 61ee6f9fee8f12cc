<#
.SYNOPSIS
The life of a guest, from boot to power-off.

.DESCRIPTION
Tells the host "ready", waits for the single-use configuration of its runner, starts the runner with it, reports how far it is, and
powers the machine off at the end. The contract with the host is docs/reference/guest-contract.md. The twin of images/linux/configure.sh.

The configuration is a secret. It lives in a variable of this process and in the environment of the runner, which removes it before any
job starts. It is in no file, no argument list and no message. It is handed to methods only, never to a command: Windows can log what
commands are given.

Settings (environment, or lines NAME=VALUE in %ProgramData%\gha\settings; what does not begin with VBDP_ goes to the runner and its jobs):
  VBDP_RUNNER_DIR        where the runner is             C:\actions-runner
  VBDP_RUNNER_USER       who runs it                     runner
  VBDP_POWEROFF          program that ends the machine   shutdown.exe
  VBDP_NETWORK_TIMEOUT   seconds for a network to show   60
  VBDP_CHANNEL_TIMEOUT   seconds for a channel to show   60
  VBDP_CONFIG_TIMEOUT    seconds to wait for the host    86400
  VBDP_ONLINE_TIMEOUT    seconds for the runner to connect  900

.PARAMETER Failed
Reports "failed: WHY", unless this life has come to a reported end already, and powers off. The task calls it after each life.
#>
[CmdletBinding()]
param([string] $Failed = '')

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot/channel.ps1"

function Read-Setting {
    $file = [Environment]::GetEnvironmentVariable('VBDP_SETTINGS')
    if (-not $file) { $file = "$env:ProgramData\gha\settings" }
    $found = @{}
    if ([IO.File]::Exists($file)) {
        foreach ($line in [IO.File]::ReadAllLines($file)) {
            if ($line -match '^([A-Za-z_][A-Za-z0-9_]*)=(.*)$') { $found[$Matches[1]] = $Matches[2] }
        }
    }
    $found
}

function Get-Setting([string] $Name, [string] $Default) {
    $value = [Environment]::GetEnvironmentVariable($Name)
    if ($value) { $value } elseif ($settings[$Name]) { $settings[$Name] } else { $Default }
}

# Also into a file: a task has no console.
function Write-Log([string] $Text) {
    [Console]::Out.WriteLine("gha: $Text")
    try { [IO.File]::AppendAllText("$state/gha.log", "gha: $Text`r`n") } catch [IO.IOException] { [Console]::Out.WriteLine('gha: the log cannot be written') }
}

function Send-Phase([string] $Phase) {
    $script:phase = Format-Line $Phase
    [IO.File]::WriteAllText("$state/phase", "$script:phase`n")
    Write-Log "phase $script:phase"
    if ($channel -eq 'virtio') { Send-ToPort $script:phase } else { Send-Property $script:phase }
}

# One line, of characters that any channel carries. Anything long enough to be a secret is not repeated to the host.
function Format-Line([string] $Text) {
    $clean = ($Text -replace '[A-Za-z0-9+/=_.-]{60,}', '***') -replace '[^\x20-\x7e]', '?'
    $clean.Substring(0, [Math]::Min(600, $clean.Length))
}

function Exit-Failed([string] $Why) {
    if ($runner -and -not $runner.HasExited) { $runner.Kill() }
    Send-Phase "failed: $Why"
    Stop-Guest
    exit 70
}

function Stop-Guest {
    Write-Log 'powering off'
    $program = [Environment]::GetEnvironmentVariable('VBDP_POWEROFF')
    if ($program) { & $program } else { & "$env:SystemRoot\System32\shutdown.exe" /s /f /t 0 }
}

function Assert-Configuration {
    if ($script:config -cnotmatch '^[A-Za-z0-9+/=]+$') {
        $script:config = ''
        Exit-Failed 'the configuration is not base64: its transport was damaged'
    }
}

# What must be true of the image; found out before somebody waits for it.
function Assert-Image {
    foreach ($left in '.runner', '.credentials') {
        if (Test-Path -LiteralPath "$runnerDir/$left") {
            Exit-Failed "the image holds the registration of a runner ($runnerDir/$left): bake it again with setup.ps1"
        }
    }
    if (-not (Test-Path -LiteralPath "$runnerDir/run.cmd")) { Exit-Failed "no runner in ${runnerDir}: was this image baked with setup.ps1?" }
    if ($otherUser -and -not (Get-LocalUser -Name $runnerUser -ErrorAction SilentlyContinue)) {
        Exit-Failed "no user '$runnerUser': was this image baked with setup.ps1?"
    }
}

# The handle of the port is not inherited: a job must not be able to speak in the guest's name.
function Start-Runner {
    if ($otherUser) { return Start-RunnerAsUser }
    $start = [Diagnostics.ProcessStartInfo]::new("$runnerDir/run.cmd")
    $start.WorkingDirectory = $runnerDir
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    foreach ($name in @($start.EnvironmentVariables.Keys)) {
        if ($name.StartsWith('VBDP_')) { $start.EnvironmentVariables.Remove($name) }
    }
    foreach ($pair in (Get-RunnerEnvironment).GetEnumerator()) { $start.EnvironmentVariables[$pair.Key] = $pair.Value }
    $script:runner = [Diagnostics.Process]::Start($start)
    $runner.StandardInput.Close()
    $script:readers = @($runner.StandardOutput, $runner.StandardError)
}

function Get-RunnerEnvironment {
    $environment = [Collections.Generic.Dictionary[string, string]]::new()
    foreach ($name in $settings.Keys) {
        if (-not $name.StartsWith('VBDP_')) { $environment[$name] = $settings[$name] }
    }
    $environment['ACTIONS_RUNNER_INPUT_JITCONFIG'] = $script:config
    $environment['ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE'] = '1'
    $environment
}

# Windows starts a process as somebody else only with a password. The user gets a new one at each boot, which nobody else learns.
function Start-RunnerAsUser {
    Import-Native
    $random = [byte[]]::new(24)
    [Security.Cryptography.RandomNumberGenerator]::Create().GetBytes($random)
    $word = 'aA1!' + [Convert]::ToBase64String($random)
    $secure = [Security.SecureString]::new()
    foreach ($letter in $word.ToCharArray()) { $secure.AppendChar($letter) }
    Set-LocalUser -Name $runnerUser -Password $secure
    $script:runner = [Vbdp.RunnerProcess]::Start($runnerUser, $word, $runnerDir, (Get-RunnerEnvironment))
    $script:readers = @($runner.Output)
}

# Reads what the runner prints, until it has ended. Whatever a job left running may hold the pipe open: the last lines get five
# seconds, not for ever.
function Watch-Runner {
    $clock = [Diagnostics.Stopwatch]::StartNew()
    $ended = [Diagnostics.Stopwatch]::new()
    $open = [Collections.Generic.List[IO.StreamReader]]::new([IO.StreamReader[]] $readers)
    $lines = [Collections.Generic.List[Threading.Tasks.Task]]::new()
    foreach ($reader in $open) { $lines.Add($reader.ReadLineAsync()) }
    while (-not $runner.HasExited -or ($open.Count -gt 0 -and $ended.Elapsed.TotalSeconds -lt 5)) {
        if ($runner.HasExited) { $ended.Start() }
        if ($script:phase -eq 'configuring' -and $clock.Elapsed.TotalSeconds -ge $onlineTimeout) {
            Exit-Failed "the runner was not online within $onlineTimeout seconds"
        }
        if ($channel -eq 'virtio') { Receive-Report }
        if ($open.Count -eq 0) { Start-Sleep -Milliseconds 100; continue }
        $which = [Threading.Tasks.Task]::WaitAny($lines.ToArray(), 200)
        if ($which -lt 0) { continue }
        $line = $lines[$which].Result
        if ($null -eq $line) { $lines.RemoveAt($which); $open.RemoveAt($which); continue }
        $lines[$which] = $open[$which].ReadLineAsync()
        # The runner masks its secrets; a line with the configuration would be dropped all the same.
        if (-not $line.Contains($script:config)) { Step-Runner $line }
    }
}

function Step-Runner([string] $Line) {
    if ($Line.Contains('Listening for Jobs')) { Send-Phase 'online' }
    elseif ($Line.Contains('Running job:')) { Send-Phase 'busy' }
    elseif ($Line.Trim()) { $script:lastLine = $Line.Substring(0, [Math]::Min(300, $Line.Length)) }
    Write-Log "runner: $Line"
}

# run.cmd says 0 for nearly everything. What counts is whether the runner was ever online.
function Complete-Life {
    $script:config = ''
    if ($script:phase -notin 'online', 'busy') {
        Exit-Failed "the runner ended (exit $($runner.ExitCode)) before it was online: $lastLine"
    }
    Send-Phase 'done'
    Stop-Guest
}

function Wait-Network {
    $clock = [Diagnostics.Stopwatch]::StartNew()
    while ($clock.Elapsed.TotalSeconds -lt $networkTimeout -and -not [Net.NetworkInformation.NetworkInterface]::GetIsNetworkAvailable()) {
        Start-Sleep -Milliseconds 500
    }
}

function Initialize-Life {
    [void] [IO.Directory]::CreateDirectory($state)
    if (-not $Failed) { [IO.File]::Delete("$state/phase") }
    $script:channel = Find-Channel
    if (-not $channel) {
        Write-Log "neither the port $portPath nor VBoxControl with a property /VBDP/Id: nobody provisioned this machine, nothing to do"
        exit 0
    }
}

function Start-Life {
    # Single use, also across a reboot: a job may reboot its machine, and must not get a second life by it.
    if (Test-Path -LiteralPath $usedMark) { Exit-Failed 'this guest was started again after it had taken its configuration' }
    Assert-Image
    Wait-Network
    Send-Phase 'ready'
    if ($channel -eq 'virtio') { Receive-FromPort } else { Receive-FromProperties }
    [IO.File]::WriteAllText($usedMark, '')
    Assert-Configuration
    Send-Phase 'configuring'
    Start-Runner
    Watch-Runner
    Complete-Life
}

# The task calls this after each life. A life that has come to its end has reported that, and is powering off.
function Complete-Failed {
    $last = if (Test-Path -LiteralPath "$state/phase") { [IO.File]::ReadAllText("$state/phase").Trim() } else { '' }
    if ($last -ne 'done' -and $last -notlike 'failed: *') { Exit-Failed $Failed }
    Stop-Guest
}

$settings = Read-Setting
$data = "$env:ProgramData\gha"
$state = Get-Setting 'VBDP_STATE_DIR' $data
$usedMark = Get-Setting 'VBDP_USED_MARK' "$data/used"
$runnerDir = Get-Setting 'VBDP_RUNNER_DIR' 'C:\actions-runner'
$runnerUser = Get-Setting 'VBDP_RUNNER_USER' 'runner'
$portPath = Get-Setting 'VBDP_PORT' '\\.\Global\org.virtualbox-provisioner.guest'
$vboxControl = Get-Setting 'VBDP_VBOXCONTROL' "$env:ProgramFiles\Oracle\VirtualBox Guest Additions\VBoxControl.exe"
$networkTimeout = [int] (Get-Setting 'VBDP_NETWORK_TIMEOUT' '60')
$channelTimeout = [int] (Get-Setting 'VBDP_CHANNEL_TIMEOUT' '60')
$configTimeout = [int] (Get-Setting 'VBDP_CONFIG_TIMEOUT' '86400')
$onlineTimeout = [int] (Get-Setting 'VBDP_ONLINE_TIMEOUT' '900')
$otherUser = [Environment]::UserName -ne $runnerUser
$buffer = [byte[]]::new(16384)
$closed = [Diagnostics.Stopwatch]::new()
$port = $reading = $runner = $readers = $null
$channel = $phase = $config = $received = ''
$lastLine = 'it printed nothing'

try {
    Initialize-Life
    if ($Failed) { Complete-Failed } else { Start-Life }
}
catch {
    # Whatever breaks is reported, but its text only where that comes from Windows: any other could hold anything.
    $cause = $_.Exception.GetBaseException()
    $text = if ($cause -is [ComponentModel.Win32Exception]) { $cause.Message } else { $cause.GetType().Name }
    $broken = "$text ($(Split-Path -Leaf $_.InvocationInfo.ScriptName), line $($_.InvocationInfo.ScriptLineNumber))"
    Write-Log $broken
    if ($channel) { Exit-Failed "configure.ps1 broke: $broken" }
    exit 1
}
