namespace Provisioner.Client.Workflow;

/// <summary>The inputs of the step, as the runner hands them over: <c>INPUT_</c> and the name in upper case, dashes kept.</summary>
internal sealed class Inputs(IReadOnlyDictionary<string, string> environment)
{
    public static bool ArePresent(IReadOnlyDictionary<string, string> environment) =>
        environment.Keys.Any(key => key.StartsWith("INPUT_", StringComparison.Ordinal));

    /// <summary>The first of the names that has a value, trimmed; empty where none has. Underscores are taken for dashes, as shells write them.</summary>
    public string Get(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            var key = $"INPUT_{name.ToUpperInvariant()}";
            var value = environment.GetValueOrDefault(key) ?? environment.GetValueOrDefault(key.Replace('-', '_'));
            if (!string.IsNullOrWhiteSpace(value))
            {
                return value.Trim();
            }
        }

        return "";
    }
}
