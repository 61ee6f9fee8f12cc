<#
.SYNOPSIS
Turns a Windows machine into an image for GitHub Actions runners.

.DESCRIPTION
Bakes the runner, its user, its task and a clean identity into this machine. Run it as an administrator, power the machine off, and let the
server clone it. Repeatable: run it again for a newer runner. The twin of images/linux/setup.sh.

Windows 10 or Server 2016 and later, with the Windows PowerShell 5.1 that is part of them. Guest Additions are not installed here: on
VirtualBox install them first; on QEMU install the virtio drivers first.

.PARAMETER RunnerVersion
The official runner, from GitHub (for example 2.336.0).

.PARAMETER RunnerUrl
Any other place of the runner's zip file (https, http or file).

.PARAMETER RunnerFile
A zip file that is here already.

.PARAMETER RunnerSha256
Checksum of the zip file; GitHub prints it in the release notes. Required: nothing unchecked is unpacked.

.PARAMETER RunnerDir
Where the runner goes.

.PARAMETER User
Who runs jobs, made if missing.

.PARAMETER Administrator
Makes that user an administrator, as on GitHub's own machines. A job can then change anything in its machine.

.PARAMETER NoClean
Keeps logs and identity (for trying things out; do not clone such a machine).

.EXAMPLE
.\setup.ps1 -RunnerVersion 2.336.0 -RunnerSha256 <from the release notes of actions/runner>
#>
[CmdletBinding()]
param(
    [string] $RunnerVersion = '',
    [string] $RunnerUrl = '',
    [string] $RunnerFile = '',
    [string] $RunnerSha256 = '',
    [string] $RunnerDir = 'C:\actions-runner',
    [string] $User = 'runner',
    [switch] $Administrator,
    [switch] $NoClean
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue' # the progress bar of Windows PowerShell makes everything ten times slower

function Write-Step([string] $Text) {
    [Console]::Out.WriteLine("==> $Text")
}

function Exit-Failed([string] $Why) {
    [Console]::Error.WriteLine("setup.ps1: $Why")
    exit 1
}

function Exit-Misused([string] $Why) {
    [Console]::Error.WriteLine("setup.ps1: $Why`nTry: Get-Help .\setup.ps1 -Detailed")
    exit 2
}

function Assert-Option {
    if (@(@($RunnerVersion, $RunnerUrl, $RunnerFile) -ne '').Count -ne 1) { Exit-Misused 'give exactly one of -RunnerVersion, -RunnerUrl, -RunnerFile' }
    if (-not $RunnerSha256) { Exit-Misused '-RunnerSha256 is missing: nothing unchecked is unpacked' }
    if ($RunnerSha256 -notmatch '^[0-9a-f]*$') { Exit-Misused '-RunnerSha256 is not hexadecimal' }
    if ($RunnerSha256.Length -ne 64) { Exit-Misused "-RunnerSha256 has $($RunnerSha256.Length) digits, not 64" }
    if ($RunnerVersion -notmatch '^v?[0-9.]*$') { Exit-Misused "-RunnerVersion '$RunnerVersion' is not a version" }
    if (-not [IO.Path]::IsPathRooted($RunnerDir)) { Exit-Misused '-RunnerDir must be absolute' }
    if ([IO.Path]::GetPathRoot($RunnerDir) -eq $RunnerDir) { Exit-Misused "-RunnerDir $RunnerDir would be emptied; name a folder of its own" }
    $whole = [IO.Path]::GetFullPath($RunnerDir).TrimEnd('\', '/')
    if ($whole -ne $RunnerDir) { Exit-Misused "-RunnerDir ${RunnerDir}: write it as $whole" }
    if ((Test-Path -LiteralPath $RunnerDir) -and @(Get-ChildItem -LiteralPath $RunnerDir -Force).Count -and -not (Test-Path -LiteralPath "$RunnerDir/run.cmd")) {
        Exit-Misused "-RunnerDir $RunnerDir holds something that is not a runner; name a folder of its own"
    }
    if ($User -notmatch '^[a-z0-9_][a-z0-9_-]{0,19}$' -or $User -in 'Administrator', 'SYSTEM', 'Guest') {
        Exit-Misused "-User '$User' will not do: an ordinary user's name, not that of an account of Windows"
    }
}

function Assert-Machine {
    if ($env:OS -ne 'Windows_NT') { Exit-Failed 'this is not Windows; images/linux/setup.sh is for Linux' }
    # The integrity level of an elevated administrator, or of the system itself: the same number in every language.
    if (-not (& whoami.exe /groups /fo csv /nh | Select-String -SimpleMatch 'S-1-16-12288', 'S-1-16-16384')) {
        Exit-Failed 'must run as an administrator (start PowerShell by "Run as administrator")'
    }
    if (Get-Service -Name 'actions.runner.*') {
        Exit-Failed 'a runner is registered as a service of this machine, and each clone would start it: remove it with config.cmd remove'
    }
}

# What a program prints, and its exit code in $code. Windows PowerShell takes each line on standard error for a failure of its own,
# which would end this script; hence the preference.
function Invoke-Quietly([string] $Program, [string[]] $Arguments) {
    $ErrorActionPreference = 'Continue'
    & $Program @Arguments 2>&1 | ForEach-Object { "$_" }
    $script:code = $LASTEXITCODE
}

function Invoke-Program([string] $Program, [string[]] $Arguments) {
    $output = @(Invoke-Quietly $Program $Arguments)
    if ($script:code -ne 0) { Exit-Failed "$Program ended with code ${script:code}: $(@($output | Select-Object -Last 5) -join ' ')" }
}

function Get-Runner {
    if ($RunnerFile) {
        if (-not (Test-Path -LiteralPath $RunnerFile -PathType Leaf)) { Exit-Failed "there is no file $RunnerFile" }
        Copy-Item -LiteralPath $RunnerFile -Destination $archive
    }
    else {
        $url = if ($RunnerVersion) { Get-OfficialUrl } else { $RunnerUrl }
        Write-Step "downloading $url"
        Save-Url $url
    }
    $seen = (Get-FileHash -LiteralPath $archive -Algorithm SHA256).Hash.ToLowerInvariant()
    if ($seen -ne $RunnerSha256) {
        Exit-Failed "the file is not the one that was asked for: its SHA-256 is $seen, expected was $($RunnerSha256.ToLowerInvariant()). Nothing was unpacked"
    }
}

# .NET's own client, for it takes file: too. Windows before 2019 does not offer TLS 1.2 by itself.
function Save-Url([string] $Url) {
    [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
    $client = [Net.WebClient]::new()
    foreach ($attempt in 1..3) {
        try { $client.DownloadFile($Url, $archive); return }
        catch { $why = $_.Exception.GetBaseException().Message }
        Start-Sleep -Seconds $attempt
    }
    Exit-Failed "could not download ${Url}: $why"
}

function Get-OfficialUrl {
    $architecture = switch ($env:PROCESSOR_ARCHITECTURE) {
        'AMD64' { 'x64' }
        'ARM64' { 'arm64' }
        default { Exit-Failed "there is no official runner for $env:PROCESSOR_ARCHITECTURE" }
    }
    $version = $RunnerVersion -replace '^v', ''
    "https://github.com/actions/runner/releases/download/v$version/actions-runner-win-$architecture-$version.zip"
}

# Nobody knows the password: configure.ps1 sets another at each boot. Users and administrators go by their numbers, for their names
# are translated.
function Add-RunnerUser {
    if (-not (Get-LocalUser | Where-Object -Property Name -EQ -Value $User)) {
        Write-Step "making user $User"
        $random = [byte[]]::new(24)
        [Security.Cryptography.RandomNumberGenerator]::Create().GetBytes($random)
        $secure = [Security.SecureString]::new()
        foreach ($letter in ('aA1!' + [Convert]::ToBase64String($random)).ToCharArray()) { $secure.AppendChar($letter) }
        New-LocalUser -Name $User -Password $secure -PasswordNeverExpires -AccountNeverExpires -UserMayNotChangePassword -Description 'Runs the jobs of GitHub Actions' | Out-Null
        Add-LocalGroupMember -SID 'S-1-5-32-545' -Member $User
    }
    try {
        if ($Administrator) { Add-LocalGroupMember -SID 'S-1-5-32-544' -Member $User } else { Remove-LocalGroupMember -SID 'S-1-5-32-544' -Member $User }
    }
    catch {
        if ($_.FullyQualifiedErrorId -notmatch '^(MemberExists|MemberNotFound)') { throw }
    }
}

# Unpacked beside its place and then moved there: a file that breaks half way leaves the old runner as it was.
function Expand-Runner {
    Write-Step "unpacking the runner into $RunnerDir"
    Add-Type -AssemblyName System.IO.Compression.FileSystem
    if (Test-Path -LiteralPath $fresh) { Remove-Item -LiteralPath $fresh -Recurse -Force }
    try { [IO.Compression.ZipFile]::ExtractToDirectory($archive, $fresh) }
    catch { Exit-Failed "the file cannot be unpacked: $($_.Exception.GetBaseException().Message)" }
    foreach ($file in 'run.cmd', 'bin/Runner.Listener.exe') {
        if (-not (Test-Path -LiteralPath "$fresh/$file")) { Exit-Failed "the file is not a runner for Windows: it has no $file" }
    }
    if (Test-Path -LiteralPath $RunnerDir) { Remove-Item -LiteralPath $RunnerDir -Recurse -Force }
    Move-Item -LiteralPath $fresh -Destination $RunnerDir
    Invoke-Program 'icacls.exe' @($RunnerDir, '/grant', "${User}:(OI)(CI)M", '/q')
}

# The official runner is compiled at its first start; in a machine that starts once, that is every start.
function Start-WarmUp {
    if (-not (Test-Path -LiteralPath "$RunnerDir/bin/Runner.Listener.dll")) { return }
    Write-Step 'warming the runner up'
    Invoke-Program "$RunnerDir/bin/Runner.Listener.exe" @('warmup')
    if (Test-Path -LiteralPath "$RunnerDir/_diag") { Remove-Item -LiteralPath "$RunnerDir/_diag" -Recurse -Force }
}

function Install-Task {
    Write-Step 'installing the task gha'
    [void] [IO.Directory]::CreateDirectory($programs)
    [void] [IO.Directory]::CreateDirectory($data)
    Copy-Item -Path "$PSScriptRoot/configure.ps1", "$PSScriptRoot/channel.ps1", "$PSScriptRoot/README.md" -Destination $programs -Force
    if (Test-Path -LiteralPath "$programs/guest.dll") { Remove-Item -LiteralPath "$programs/guest.dll" }
    Add-Type -Path "$PSScriptRoot/guest.cs" -OutputAssembly "$programs/guest.dll" -IgnoreWarnings
    Set-Setting 'VBDP_RUNNER_DIR' $RunnerDir
    Set-Setting 'VBDP_RUNNER_USER' $User
    # A job may neither read what the last one left there nor take away the mark of a life that is used.
    Invoke-Program 'icacls.exe' @($data, '/inheritance:r', '/grant', '*S-1-5-18:(OI)(CI)F', '/grant', '*S-1-5-32-544:(OI)(CI)F', '/q')
    $task = [IO.File]::ReadAllText("$PSScriptRoot/gha-task.xml").Replace('@PROGRAMS@', [Security.SecurityElement]::Escape($programs))
    Register-ScheduledTask -TaskName 'gha' -Xml $task -Force | Out-Null
}

function Set-Setting([string] $Name, [string] $Value) {
    $file = "$data/settings"
    $lines = if (Test-Path -LiteralPath $file) { [IO.File]::ReadAllLines($file) } else { '# Settings of configure.ps1 (they stand at its top) and, as environment, of the runner and its jobs.' }
    [IO.File]::WriteAllLines($file, [string[]] (@(@($lines) -notlike "$Name=*") + "$Name=$Value"))
}

# What a machine without anybody before it needs: the host's power button works at the sign-in screen, nothing sleeps, and no
# update restarts it in the middle of a job. Universal time, as on GitHub's own machines.
function Set-Machine {
    Write-Step 'setting up power, updates and time zone'
    $policies = 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System'
    Invoke-Program 'reg.exe' @('add', $policies, '/v', 'shutdownwithoutlogon', '/t', 'REG_DWORD', '/d', '1', '/f')
    Invoke-Program 'reg.exe' @('add', 'HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU', '/v', 'NoAutoUpdate', '/t', 'REG_DWORD', '/d', '1', '/f')
    Invoke-Program 'powercfg.exe' @('/setacvalueindex', 'scheme_current', 'sub_buttons', 'pbuttonaction', '3')
    Invoke-Program 'powercfg.exe' @('/setactive', 'scheme_current')
    Invoke-Program 'powercfg.exe' @('/change', 'standby-timeout-ac', '0')
    Invoke-Program 'powercfg.exe' @('/hibernate', 'off')
    Invoke-Program 'tzutil.exe' @('/s', 'UTC')
}

# What two clones must not share, and what nobody needs in an image. The number of the machine (SID) stays: see README.md.
function Clear-Identity {
    if ($NoClean) { return }
    Write-Step "removing this machine's identity, logs and caches"
    foreach ($name in '_diag', '_work', '.runner', '.credentials', '.credentials_rsaparams') { Remove-Any "$RunnerDir/$name" }
    foreach ($name in 'used', 'phase', 'gha.log') { Remove-Any "$data/$name" }
    # OpenSSH and Remote Desktop make theirs anew when they start.
    Remove-Any "$env:ProgramData/ssh/ssh_host_*"
    if (Test-Path 'Cert:\LocalMachine\Remote Desktop') { Get-ChildItem 'Cert:\LocalMachine\Remote Desktop' | Remove-Item }
    # An unattended installation leaves the administrator's password in these.
    Remove-Any "$env:SystemRoot/Panther/unattend*.xml"
    Remove-Any "$env:SystemRoot/Panther/Unattend/*.xml"
    Remove-Any "$env:SystemRoot/System32/Sysprep/unattend.xml"
    Remove-Value 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon' 'DefaultPassword', 'AutoAdminLogon', 'AutoLogonCount'
    Remove-Value 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate' 'SusClientId', 'SusClientIdValidation'
    Remove-Any "$env:SystemRoot/Temp/*"
    Remove-Any "$env:SystemDrive/Users/*/AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt"
    foreach ($log in @(Invoke-Quietly 'wevtutil.exe' @('el'))) { Invoke-Quietly 'wevtutil.exe' @('cl', $log) | Out-Null } # some cannot be cleared
}

# Files that are in use stay: a machine that runs has some in its folder of temporary files.
function Remove-Any([string] $Pattern) {
    if (Test-Path -Path $Pattern) { Remove-Item -Path $Pattern -Recurse -Force -ErrorAction SilentlyContinue }
}

function Remove-Value([string] $Key, [string[]] $Names) {
    foreach ($name in $Names) {
        Invoke-Quietly 'reg.exe' @('query', $Key, '/v', $name) | Out-Null
        if ($script:code -eq 0) { Invoke-Program 'reg.exe' @('delete', $Key, '/v', $name, '/f') }
    }
}

function Show-Warning {
    if (-not (Test-Path -LiteralPath "$env:ProgramFiles/Oracle/VirtualBox Guest Additions/VBoxControl.exe") -and -not (Test-Path -LiteralPath "$env:SystemRoot/System32/drivers/vioser.sys")) {
        Write-Step 'WARNING: neither Guest Additions nor the virtio-serial driver are here: a clone could not hear its host'
    }
}

$fresh = "$RunnerDir.new"
Assert-Option
Assert-Machine
$programs = Join-Path $env:ProgramFiles 'gha'
$data = Join-Path $env:ProgramData 'gha'
$work = Join-Path ([IO.Path]::GetTempPath()) "gha-$([Guid]::NewGuid())"
[void] [IO.Directory]::CreateDirectory($work)
$archive = Join-Path $work 'runner.zip'
try {
    Get-Runner
    Add-RunnerUser
    Expand-Runner
    Start-WarmUp
    Install-Task
    Set-Machine
    Clear-Identity
    Show-Warning
}
finally {
    Remove-Any $work
    Remove-Any $fresh
}
Write-Step 'done: power this machine off and make a snapshot of it; do not boot it again before it is cloned'
