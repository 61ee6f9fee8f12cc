using Provisioner.Server.Access;

namespace Provisioner.Server.Images.Building;

/// <summary>What the machine that builds says on its console: shown as it comes, and in the lines of <c>build.sh</c> also understood.</summary>
internal sealed class BuildConsole(Action<string> say)
{
    private const string Mark = "VBDP-BUILD ";
    private const int Overlap = 4096;

    private string _seen = "";
    private string _rest = "";

    /// <summary>Whether the guest says that all was done.</summary>
    public bool Succeeded { get; private set; }

    /// <summary>Why not, in the guest's words.</summary>
    public string? Failure { get; private set; }

    public string? System { get; private set; }

    public string? RunnerVersion { get; private set; }

    /// <summary>Takes the last 64 KiB of the console, and shows the lines that are new.</summary>
    public void Take(string console)
    {
        var fresh = Fresh(console);
        _seen = console;
        var lines = (_rest + fresh).Split('\n');
        _rest = lines[^1];
        foreach (var line in lines[..^1])
        {
            Show(line.TrimEnd('\r'));
        }
    }

    private string Fresh(string console)
    {
        if (console.StartsWith(_seen, StringComparison.Ordinal))
        {
            return console[_seen.Length..];
        }

        var end = _seen[^Math.Min(Overlap, _seen.Length)..];
        var at = console.LastIndexOf(end, StringComparison.Ordinal);
        return at >= 0 ? console[(at + end.Length)..] : "\n[lines are missing here]\n" + console;
    }

    private void Show(string line)
    {
        if (line.IndexOf(Mark, StringComparison.Ordinal) is >= 0 and var at)
        {
            Understand(ClaimText.Show(line[(at + Mark.Length)..].Trim()));
        }

        say($"  | {ClaimText.ShowUpTo(300, line)}");
    }

    private void Understand(string words)
    {
        switch (words.Split(' ', 2))
        {
            case ["ok"]:
                Succeeded = true;
                break;
            case ["failed:", var why]:
                Failure = why;
                break;
            case ["system:", var name]:
                System = name;
                break;
            case ["runner:", var version] when Version.TryParse(version, out _):
                RunnerVersion = version;
                break;
        }
    }
}
