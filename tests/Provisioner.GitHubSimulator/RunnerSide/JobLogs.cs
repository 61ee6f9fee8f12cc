using System.Collections.Concurrent;
using System.Text;

namespace Provisioner.GitHubSimulator.RunnerSide;

/// <summary>The logs that runners uploaded, per job: one of the job, and one of each step.</summary>
internal sealed class JobLogs
{
    public const string WholeJob = "job";
    public const string Summary = "summary";

    private const int Largest = 10 * 1024 * 1024;

    private readonly ConcurrentDictionary<(Guid Job, string Part), byte[]> parts = new();

    /// <summary>The step's lines as they stand; what the runner logged about the job as a whole only when there are none.</summary>
    public string Text(Guid job)
    {
        var mine = parts.Where(part => part.Key.Job == job && part.Key.Part != Summary && part.Value.Length > 0).ToList();
        var steps = mine.Where(part => part.Key.Part != WholeJob).ToList();
        return string.Concat((steps.Count > 0 ? steps : mine).Select(part => Encoding.UTF8.GetString(part.Value).TrimStart('\uFEFF')));
    }

    public void Replace(Guid job, string part, byte[] text) => parts[(job, part)] = text;

    public void Append(Guid job, string part, byte[] text) =>
        parts.AddOrUpdate((job, part), text, (_, before) => before.Length + text.Length > Largest ? before : [.. before, .. text]);
}
