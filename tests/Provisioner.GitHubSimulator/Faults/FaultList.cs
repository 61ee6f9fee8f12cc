using System.Text.RegularExpressions;

namespace Provisioner.GitHubSimulator.Faults;

/// <summary>The faults that are still to happen, in the order in which they were asked for.</summary>
internal sealed class FaultList(TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly List<(Fault Fault, Regex Method, Regex Path, int Left, DateTimeOffset? Until)> waiting = [];

    /// <summary>Called when a call has begun to be held up, for tests whose clock stands still.</summary>
    public Action? Delaying { get; set; }

    /// <exception cref="RegexParseException">A pattern is not a regular expression.</exception>
    public void Add(Fault fault)
    {
        DateTimeOffset? until = fault.ForSeconds is { } seconds ? time.GetUtcNow() + TimeSpan.FromSeconds(seconds) : null;
        var entry = (fault, Pattern(fault.Method), Pattern(fault.Path), fault.Times, until);
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
            waiting.RemoveAll(entry => entry.Until <= time.GetUtcNow());
            var index = waiting.FindIndex(entry => entry.Method.IsMatch(method) && entry.Path.IsMatch(path));
            if (index < 0)
            {
                return null;
            }
            var found = waiting[index];
            if (found.Until is not null)
            {
                return found.Fault;
            }
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
