using System.Diagnostics;
using System.Text.Json;

namespace Provisioner.Benchmarks;

/// <summary>The rows of the table, in the order in which they were measured, and a line on the terminal for each.</summary>
internal sealed class Report
{
    private readonly List<Row> rows = [];
    private readonly List<string> failures = [];
    private readonly long began = Stopwatch.GetTimestamp();

    public IReadOnlyList<Row> Rows => rows;

    public IReadOnlyList<string> Failures => failures;

    public TimeSpan Took => Stopwatch.GetElapsedTime(began);

    public void Say(string line) => Console.Error.WriteLine($"{Took:mm\\:ss}  {line}");

    public void Add(string part, string what, string figure, string against = "", string goal = "", bool? met = null)
    {
        var row = new Row(part, what, figure, against, goal, met);
        rows.Add(row);
        Say($"{part}: {what}: {figure}{(against.Length > 0 ? $" | {against}" : "")}{(met is { } yes ? $" | {goal}: {(yes ? "met" : "MISSED")}" : "")}");
    }

    /// <summary>One thing measured against another, as the median's multiple of it.</summary>
    public void Compare(string part, string what, Samples ours, string otherName, Samples other, double? atMost = null)
    {
        var ratio = ours.Median / other.Median;
        Add(part, what, ours.ToString(), $"{otherName}: {other}; ratio {Samples.Show(ratio)}",
            atMost is { } limit ? $"≤ {Samples.Show(limit)} ×" : "", atMost is { } most ? ratio <= most : null);
    }

    public void Fail(string part, Exception problem)
    {
        failures.Add($"{part}: {problem.Message}");
        Say($"FAILED {part}: {problem}");
    }

    public void WriteJson(string file) => File.WriteAllText(file, JsonSerializer.Serialize(new { rows, failures }, Indented));

    private static JsonSerializerOptions Indented { get; } = new() { WriteIndented = true };

    internal sealed record Row(string Part, string What, string Figure, string Against, string Goal, bool? Met);
}
