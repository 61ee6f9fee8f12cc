using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Provisioner.Tests.Client.Fakes;

/// <summary>An environment without variables that notes which were asked for.</summary>
internal sealed class AskedVariables : IReadOnlyDictionary<string, string>
{
    public HashSet<string> Asked { get; } = [];

    public IEnumerable<string> Keys => [];

    public IEnumerable<string> Values => [];

    public int Count => 0;

    public string this[string key] => throw new KeyNotFoundException(key);

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        Asked.Add(key);
        value = null;
        return false;
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => Enumerable.Empty<KeyValuePair<string, string>>().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
