using System.Text.RegularExpressions;

namespace Provisioner.GitHubSimulator.Faults;

/// <summary>The faults that are still to happen, in the order in which they were asked for.</summary>
internal sealed class FaultList
{
    private readonly Lock gate = new();
    private readonly List<(Fault Fault, Regex Method, Regex Path, int Left)> waiting = [];

    /// <exception cref="RegexParseException">A pattern is not a regular expression.</exception>
    public void Add(Fault fault)
    {
        var entry = (fault, Pattern(fault.Method), Pattern(fault.Path), fault.Times);
        lock (gate)
        {
            waiting.Add(entry);
        }
    }

    public IReadOnlyList<Fault> Left()
    {
        lock (gate)
        {
            return [.. waiting.Select(entry => entry.Fault with { Times = entry.Left })];
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            waiting.Clear();
        }
    }

    public Fault? Take(string method, string path)
    {
        lock (gate)
        {
            var index = waiting.FindIndex(entry => entry.Method.IsMatch(method) && entry.Path.IsMatch(path));
            if (index < 0)
            {
                return null;
            }
            var found = waiting[index];
            if (found.Left > 1)
            {
                waiting[index] = found with { Left = found.Left - 1 };
            }
            else
            {
                waiting.RemoveAt(index);
            }
            return found.Fault;
        }
    }

    private static Regex Pattern(string? text) => new(text ?? "", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
}
