using System.Text;

namespace Provisioner.Client.Workflow;

/// <summary>The files by which a step speaks to the runner: outputs, state for its own post step, and the job's summary.</summary>
internal sealed class StepFiles(IReadOnlyDictionary<string, string> environment)
{
    public void Output(string name, string value) => Append("GITHUB_OUTPUT", Entry(name, value));

    public void State(string name, string value) => Append("GITHUB_STATE", Entry(name, value));

    public void Summary(string markdown) => Append("GITHUB_STEP_SUMMARY", markdown);

    /// <summary>The form that holds any value: it ends with a word that the value cannot contain.</summary>
    private static string Entry(string name, string value)
    {
        var end = $"ghadelimiter_{Guid.NewGuid()}";
        return $"{name}<<{end}\n{value}\n{end}\n";
    }

    // Absent when the program runs outside of a step, as in a test by hand.
    private void Append(string variable, string text)
    {
        if (environment.GetValueOrDefault(variable) is { Length: > 0 } path)
        {
            File.AppendAllText(path, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        }
    }
}
