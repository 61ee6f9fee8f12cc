<#
.SYNOPSIS
What must be true of the guest scripts beyond their tests.

.DESCRIPTION
Prints what is wrong; exit 0 if nothing is. PowerShell's own parser reads the scripts, so the rules look at what they mean, not at how they
are written. The twin of images/linux/check; tests run it by tests/Provisioner.PowerShell.

.PARAMETER Folder
Where the scripts are.
#>
[CmdletBinding()]
param([string] $Folder = $PSScriptRoot)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# Aliases of Windows PowerShell that other systems do not have.
$aliases = 'ac', 'cat', 'clear', 'compare', 'copy', 'cp', 'curl', 'diff', 'gwmi', 'kill', 'ls', 'mount', 'mv', 'ps', 'rm', 'rmdir', 'sc', 'sleep', 'sort', 'start', 'tee', 'wget', 'write'
# Commands and programs of Windows, which PowerShell elsewhere does not know.
$ofWindows = 'Add-LocalGroupMember', 'Get-LocalUser', 'Get-Service', 'New-LocalUser', 'Register-ScheduledTask', 'Remove-LocalGroupMember', 'Set-LocalUser',
    'icacls.exe', 'powercfg.exe', 'reg.exe', 'tzutil.exe', 'wevtutil.exe', 'whoami.exe'
$banned = @{
    'Invoke-Expression' = 'runs a text as a program'
    'Write-Host' = 'is lost in a task: Write-Log or Write-Step'
    'Start-Transcript' = 'writes down whatever is said'
    'Set-PSDebug' = 'tracing prints the configuration'
    'ConvertTo-SecureString' = 'takes its secret as an argument'
}
# The configuration, a piece of it, what came from the port, the password.
$secrets = 'config', 'part', 'received', 'word'
$writers = 'AppendAllLines', 'AppendAllText', 'Write', 'WriteAllLines', 'WriteAllText', 'WriteLine'

$script:wrong = 0

function Write-Wrong($Ast, [string] $Why) {
    $script:wrong++
    [Console]::Error.WriteLine("$(Split-Path -Leaf $Ast.Extent.File):$($Ast.Extent.StartLineNumber): $Why`: $(($Ast.Extent.Text -split "`n")[0])")
}

function Find-Ast($Ast, [type] $Type) {
    $Ast.FindAll({ param($node) $node -is $Type }.GetNewClosure(), $true)
}

function Test-Header($Ast) {
    $text = $Ast.Extent.Text
    if ($text -cmatch '[^\x00-\x7f]') { Write-Wrong $Ast 'Windows PowerShell reads only ASCII the same everywhere' }
    if ($text -notmatch '(?m)^Set-StrictMode -Version 3') { Write-Wrong $Ast 'the script is not strict' }
    if ($Ast.ParamBlock) {
        if ($text -notmatch "(?m)^\`$ErrorActionPreference = 'Stop'") { Write-Wrong $Ast 'an error does not end the script' }
        $help = $Ast.GetHelpContent()
        foreach ($parameter in $Ast.ParamBlock.Parameters) {
            $name = $parameter.Name.VariablePath.UserPath
            if (-not $help -or -not $help.Parameters.ContainsKey($name.ToUpperInvariant())) { Write-Wrong $parameter 'the help does not explain this option' }
        }
    }
}

# Windows PowerShell 5.1 is what each Windows has.
function Test-Age($Ast) {
    foreach ($name in 'TernaryExpressionAst', 'PipelineChainAst') {
        foreach ($node in Find-Ast $Ast "System.Management.Automation.Language.$name") { Write-Wrong $node 'Windows PowerShell 5.1 does not know this' }
    }
    foreach ($node in $Ast.FindAll({ param($node)
                ($node -is [Management.Automation.Language.BinaryExpressionAst] -and "$($node.Operator)" -like 'QuestionQuestion*') -or
                ($node -is [Management.Automation.Language.AssignmentStatementAst] -and "$($node.Operator)" -like 'QuestionQuestion*') -or
                ($node -is [Management.Automation.Language.MemberExpressionAst] -and $node.NullConditional) -or
                ($node -is [Management.Automation.Language.PipelineAst] -and $node.Background) }, $true)) {
        Write-Wrong $node 'Windows PowerShell 5.1 does not know this'
    }
}

function Test-Command($Ast, [string[]] $Functions) {
    foreach ($node in Find-Ast $Ast 'System.Management.Automation.Language.CommandAst') {
        $name = $node.GetCommandName()
        if (-not $name -or $name -in $ofWindows -or $name -match 'channel\.ps1$') { continue }
        if ($banned.ContainsKey($name)) { Write-Wrong $node "$name $($banned[$name])" }
        elseif ($name -in $aliases -or (Get-Alias -Name ([WildcardPattern]::Escape($name)) -ErrorAction SilentlyContinue)) { Write-Wrong $node "'$name' is an alias" }
        elseif ($name -notin $Functions) {
            $command = Get-Command -Name $name -CommandType Cmdlet, Function -ErrorAction SilentlyContinue
            if (-not $command) { Write-Wrong $node "there is no command '$name'"; continue }
            foreach ($parameter in $node.CommandElements | Where-Object { $_ -is [Management.Automation.Language.CommandParameterAst] }) {
                if (-not $command.Parameters.ContainsKey($parameter.ParameterName)) { Write-Wrong $node "$name has no parameter -$($parameter.ParameterName)" }
            }
        }
    }
    foreach ($node in Find-Ast $Ast 'System.Management.Automation.Language.CatchClauseAst') {
        if (-not $node.Body.Statements.Count) { Write-Wrong $node 'an error is swallowed' }
    }
}

# Windows PowerShell ends a script whose preference is Stop when a program writes to a standard error that is redirected.
function Test-Redirection($Ast) {
    foreach ($node in Find-Ast $Ast 'System.Management.Automation.Language.RedirectionAst') {
        if ("$($node.FromStream)" -ne 'Error') { continue }
        for ($parent = $node.Parent; $parent -and $parent -isnot [Management.Automation.Language.FunctionDefinitionAst]; $parent = $parent.Parent) { }
        if (-not $parent -or $parent.Extent.Text -notmatch "\`$ErrorActionPreference = 'Continue'") { Write-Wrong $node.Parent 'what a program writes to standard error would end the script' }
    }
}

# Windows can log what commands are given, and everybody can read the arguments of a program.
function Test-Secret($Ast) {
    foreach ($node in Find-Ast $Ast 'System.Management.Automation.Language.VariableExpressionAst') {
        if ($node.VariablePath.UserPath -like 'env:*JITCONFIG') { Write-Wrong $node 'the configuration would be in the environment of everything' }
        if (($node.VariablePath.UserPath -replace '^script:', '') -notin $secrets) { continue }
        for ($parent = $node.Parent; $parent -and $parent -isnot [Management.Automation.Language.StatementBlockAst]; $parent = $parent.Parent) {
            if ($parent -is [Management.Automation.Language.CommandAst]) { Write-Wrong $parent 'a secret is handed to a command' }
            if ($parent -is [Management.Automation.Language.ExpandableStringExpressionAst]) { Write-Wrong $parent 'a secret is put into a text' }
            if ($parent -is [Management.Automation.Language.FileRedirectionAst]) { Write-Wrong $parent 'a secret is written to a file' }
            if ($parent -is [Management.Automation.Language.InvokeMemberExpressionAst] -and "$($parent.Member)" -in $writers) { Write-Wrong $parent 'a secret is written' }
        }
    }
    foreach ($node in Find-Ast $Ast 'System.Management.Automation.Language.StringConstantExpressionAst') {
        if ($node.Value -match '--(jitconfig|token)') { Write-Wrong $node 'an argument list is for all to see' }
    }
}

$scripts = @(foreach ($file in Get-ChildItem -LiteralPath $Folder -Filter '*.ps1') {
        $errors = $null
        $ast = [Management.Automation.Language.Parser]::ParseFile($file.FullName, [ref] $null, [ref] $errors)
        foreach ($mistake in $errors) { Write-Wrong $mistake $mistake.Message }
        $ast
    })
$definitions = @($scripts | ForEach-Object { Find-Ast $_ 'System.Management.Automation.Language.FunctionDefinitionAst' })
$verbs = @((Get-Verb).Verb)
$called = @($scripts | ForEach-Object { Find-Ast $_ 'System.Management.Automation.Language.CommandAst' } | ForEach-Object { $_.GetCommandName() })
foreach ($function in $definitions) {
    if (($function.Name -split '-')[0] -notin $verbs) { Write-Wrong $function 'the name does not begin with an approved verb' }
    if ($function.Name -notin $called) { Write-Wrong $function 'nobody calls this' }
}
foreach ($ast in $scripts) {
    Test-Header $ast
    Test-Age $ast
    Test-Command $ast @($definitions.Name)
    Test-Redirection $ast
    Test-Secret $ast
}
exit [int] ($script:wrong -gt 0)
