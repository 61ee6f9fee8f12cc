# channel.ps1: the two ways in which configure.ps1 hears its host and is heard: a virtio-serial port (QEMU) and guest properties
# (VirtualBox). What is said on them is in docs/reference/guest-contract.md. Part of configure.ps1, and of no use alone.
Set-StrictMode -Version 3.0

# The virtio port comes first: an image with Guest Additions may well run on QEMU, where VBoxControl finds no device.
function Find-Channel {
    $clock = [Diagnostics.Stopwatch]::StartNew()
    do {
        $script:port = Open-Port
        if ($port) { return 'virtio' }
        if ((Get-Command $vboxControl -CommandType Application -ErrorAction SilentlyContinue) -and (Get-GuestProperty '/VBDP/Id')) { return 'vbox' }
        if ($channelTimeout -gt 0) { Start-Sleep -Seconds 1 }
    } while ($clock.Elapsed.TotalSeconds -lt $channelTimeout)
    ''
}

function Open-Port {
    if ($portPath.StartsWith('\\.\')) {
        Import-Native
        return [Vbdp.Port]::Open($portPath)
    }
    if (Test-Path -LiteralPath $portPath) {
        [IO.FileStream]::new($portPath, [IO.FileMode]::Open, [IO.FileAccess]::ReadWrite, [IO.FileShare]::ReadWrite, 1, $true)
    }
}

# Compiled by setup.ps1, with the compiler that is part of Windows.
function Import-Native {
    if (-not ('Vbdp.Port' -as [type])) { Add-Type -Path (Join-Path $PSScriptRoot 'guest.dll') }
}

# The lines that came from the host within the time, if any. While the host's end is closed, reading ends or fails at once: it is
# tried again after a second, for somebody may connect.
function Read-Port([int] $Milliseconds) {
    if ($closed.IsRunning -and $closed.ElapsedMilliseconds -lt 1000) {
        Start-Sleep -Milliseconds ([Math]::Min(100, $Milliseconds))
        return
    }
    $count = 0
    try {
        if (-not $script:reading) { $script:reading = $port.ReadAsync($buffer, 0, $buffer.Length) }
        if (-not $reading.Wait($Milliseconds)) { return }
        $count = $reading.Result
    }
    catch [AggregateException], [IO.IOException] { $count = 0 }
    $script:reading = $null
    if ($count -eq 0) { $closed.Restart() } else { $closed.Reset() }
    $script:received += [Text.Encoding]::ASCII.GetString($buffer, 0, $count)
    while (($end = $received.IndexOf("`n")) -ge 0) {
        $received.Substring(0, $end).TrimEnd("`r")
        $script:received = $received.Substring($end + 1)
    }
    if ($received.Length -gt 1MB) { $script:received = '' }
}

# A write to the port blocks while nobody is connected to its other end, hence the bound. What is lost by it the host asks for
# again ("report") when it comes back.
function Send-ToPort([string] $Phase) {
    try {
        $bytes = [Text.Encoding]::ASCII.GetBytes("phase $Phase`n")
        $sent = $port.WriteAsync($bytes, 0, $bytes.Length).Wait(5000)
    }
    catch { $sent = $false }
    if (-not $sent) { Write-Log 'the host does not listen; it will ask again' }
}

function Receive-FromPort {
    $clock = [Diagnostics.Stopwatch]::StartNew()
    while (-not $script:config) {
        if ($clock.Elapsed.TotalSeconds -ge $configTimeout) { Exit-Failed "no configuration came within $configTimeout seconds" }
        foreach ($line in @(Read-Port 1000)) {
            if ($line -ceq 'report') { Send-ToPort $phase }
            elseif ($line -cmatch '^(label|owner|repo) ') { Write-Log (Format-Line $line) }
            elseif ($line -cmatch '^time ([0-9]{1,11})$') { Set-Clock ([long]$Matches[1]) }
            elseif ($line.StartsWith('config ')) { if (-not $script:config) { $script:config = $line.Substring(7) } }
            else { Write-Log 'the host said something that this guest does not know' }
        }
    }
}

# The clock of a guest that goes on from a saved state stands where it stood.
function Set-Clock([long] $Seconds) {
    try { $null = Set-Date -Date ([DateTimeOffset]::FromUnixTimeSeconds($Seconds).LocalDateTime) }
    catch { Write-Log 'the clock could not be set' }
}

# After the configuration only "report" still has a meaning. A second configuration is not taken.
function Receive-Report {
    foreach ($line in @(Read-Port 0)) {
        if ($line -ceq 'report') { Send-ToPort $phase }
    }
}

# What VBoxControl prints, within half a minute; nothing at all when it failed or hung.
function Invoke-VBoxControl([string] $Arguments) {
    $start = [Diagnostics.ProcessStartInfo]::new($vboxControl, "--nologo guestproperty $Arguments")
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $program = [Diagnostics.Process]::Start($start)
    $output = $program.StandardOutput.ReadToEndAsync()
    $errors = $program.StandardError.ReadToEndAsync()
    if (-not $program.WaitForExit(30000)) {
        $program.Kill()
        return
    }
    if ($program.ExitCode -eq 0 -and $output.Wait(5000) -and $errors.Wait(5000)) { $output.Result }
}

function Get-GuestProperty([string] $Name) {
    if ((Invoke-VBoxControl "get $Name") -match '(?m)^Value: (.*?)\r?$') { $Matches[1] } else { '' }
}

function Send-Property([string] $Phase) {
    $quoted = '"' + (($Phase -replace '(\\*)"', '$1$1\"') -replace '(\\+)$', '$1$1') + '"'
    foreach ($attempt in 1..3) {
        if ($null -ne (Invoke-VBoxControl "set /VBDP/Phase $quoted")) { return }
        Start-Sleep -Seconds $attempt
    }
    Write-Log 'the host could not be told'
}

# The host writes the count last. The wait may miss a value that comes just before it, so it is short, and asked again.
function Receive-FromProperties {
    $clock = [Diagnostics.Stopwatch]::StartNew()
    foreach ($name in 'label', 'owner', 'repo') { Write-Log (Format-Line "$name $(Get-GuestProperty $name)") }
    while (-not ($count = Get-GuestProperty '/VBDP/Config/Count')) {
        if ($clock.Elapsed.TotalSeconds -ge $configTimeout) { Exit-Failed "no configuration came within $configTimeout seconds" }
        if ($null -eq (Invoke-VBoxControl 'wait /VBDP/Config/Count --timeout 2000')) { Start-Sleep -Seconds 1 }
    }
    if ($count -cnotmatch '^[0-9]{1,2}$') { Exit-Failed 'the configuration is said to have an impossible number of parts' }
    for ($index = 0; $index -lt [int] $count; $index++) {
        $part = Get-GuestProperty "/VBDP/Config/$index"
        if (-not $part) { Exit-Failed "part $index of the configuration is missing" }
        $script:config += $part
    }
}
