using System.Collections.Concurrent;

namespace Provisioner.GitHubSimulator.Rest;

/// <summary>The App is installed at every owner that is asked for, each under a number of its own.</summary>
internal sealed class Installations
{
    private readonly ConcurrentDictionary<string, long> numbers = new(StringComparer.OrdinalIgnoreCase);
    private long last = 1000;

    public IEnumerable<KeyValuePair<string, long>> All => numbers;

    public long Of(string owner) => numbers.GetOrAdd(owner, _ => Interlocked.Increment(ref last));

    public string? OwnerOf(long number) => numbers.FirstOrDefault(pair => pair.Value == number).Key;
}
