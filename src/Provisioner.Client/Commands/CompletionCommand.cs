using System.CommandLine;

namespace Provisioner.Client.Commands;

/// <summary>
/// <c>completion SHELL</c>: a script in which the shell asks the program, by its suggest directive, what may come next. All programs have this
/// verb, and are built with this file.
/// </summary>
internal static class CompletionCommand
{
    public static Command Build(string program)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh, fish or pwsh" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "pwsh");
        var command = new Command("completion", "Write a completion script for a shell, to be sourced by it") { shell };
        command.SetAction(line =>
        {
            line.InvocationConfiguration.Output.Write(ScriptFor(line.GetRequiredValue(shell), program) + "\n");
            return 0;
        });
        return command;
    }

    private static string ScriptFor(string shell, string program) => shell switch
    {
        "bash" => Bash(program),
        "zsh" => Zsh(program),
        "fish" => Fish(program),
        _ => PowerShell(program),
    };

    // The program offers what has the word anywhere in it; bash would then complete nothing.
    private static string Bash(string program) => $$"""
        _{{program}}() {
            local line="${COMP_LINE#* }" suggestion
            COMPREPLY=()
            while read -r suggestion; do
                [[ $suggestion != "$2"* ]] || COMPREPLY+=("$suggestion")
            done < <({{program}} "[suggest:$((COMP_POINT - ${#COMP_LINE} + ${#line}))]" "$line" 2>/dev/null)
        }
        complete -o default -F _{{program}} {{program}}
        """;

    // As a file of zsh's own folder it is the function of that name itself, and is called at once; sourced, it only registers it.
    private static string Zsh(string program) => $$"""
        #compdef {{program}}
        _{{program}}() {
            local line="${BUFFER#* }"
            local -a suggestions=(${(f)"$({{program}} "[suggest:$((CURSOR - ${#BUFFER} + ${#line}))]" "$line" 2>/dev/null)"})
            if (( $#suggestions )); then compadd -a suggestions; else _files; fi
        }
        if [[ $funcstack[1] == _{{program}} ]]; then _{{program}}; else compdef _{{program}} {{program}}; fi
        """;

    private static string Fish(string program) => $$"""
        complete -c {{program}} -a '(set -l line (commandline -cp | string replace -r "^\S+\s*" ""); {{program}} "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null)'
        """;

    private static string PowerShell(string program) => $$"""
        Register-ArgumentCompleter -Native -CommandName {{program}} -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            $line = $commandAst.ToString() -replace '^\S+\s*', ''
            $position = [Math]::Max(0, $cursorPosition - ($commandAst.ToString().Length - $line.Length))
            {{program}} "[suggest:$position]" "$line" | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
        }
        """;
}
