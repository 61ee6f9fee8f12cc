using System.CommandLine;

namespace Provisioner.Client.Commands;

/// <summary><c>completion SHELL</c>: a script in which the shell asks this program, by its suggest directive, what may come next.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _virtualbox_client() {
            local IFS=$'\n' line="${COMP_LINE#* }"
            COMPREPLY=($(virtualbox-client "[suggest:$((COMP_POINT - ${#COMP_LINE} + ${#line}))]" "$line" 2>/dev/null))
        }
        complete -o default -F _virtualbox_client virtualbox-client
        """;

    private const string Zsh = """
        #compdef virtualbox-client
        _virtualbox_client() {
            local line="${BUFFER#* }"
            local -a suggestions=("${(@f)$(virtualbox-client "[suggest:$((CURSOR - ${#BUFFER} + ${#line}))]" "$line" 2>/dev/null)}")
            compadd -a suggestions
        }
        compdef _virtualbox_client virtualbox-client
        """;

    private const string Fish = """
        complete -c virtualbox-client -a '(set -l line (commandline -cp | string replace -r "^\S+\s*" ""); virtualbox-client "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null)'
        """;

    private const string PowerShell = """
        Register-ArgumentCompleter -Native -CommandName virtualbox-client -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            $line = $commandAst.ToString() -replace '^\S+\s*', ''
            $position = [Math]::Max(0, $cursorPosition - ($commandAst.ToString().Length - $line.Length))
            virtualbox-client "[suggest:$position]" "$line" | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
        }
        """;

    public static Command Build(CommandContext context)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh, fish or pwsh" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "pwsh");
        var command = new Command("completion", "Write a completion script for a shell, to be sourced by it") { shell };
        command.SetAction(line =>
        {
            context.Out.Write(ScriptFor(line.GetRequiredValue(shell)) + "\n");
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static string ScriptFor(string shell) => shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        "fish" => Fish,
        _ => PowerShell,
    };
}
