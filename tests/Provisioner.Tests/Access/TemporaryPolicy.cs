namespace Provisioner.Tests.Access;

/// <summary>A policy in a file.</summary>
internal sealed class TemporaryPolicy : IDisposable
{
    private TemporaryPolicy(string json) => File.WriteAllText(Path, json);

    public string Path { get; } = System.IO.Path.GetTempFileName();

    /// <summary>Every workflow of an owner may do everything.</summary>
    public static TemporaryPolicy AllOf(string owner) => new(Rules(owner));

    public static string Rules(string owner) =>
        $$"""{ "rules": [{ "name": "all-of-them", "who": { "repository_owner_id": {{owner}} }, "may": { "images": ["*"], "labels": ["*"], "maxVms": 1000 } }] }""";

    public void Dispose() => File.Delete(Path);
}
