using System.Text;

namespace Provisioner.RunnerStandIn;

/// <summary>Collects a step's output with the time of each line, as the official runner's logs have it.</summary>
internal sealed class StepLog(TimeProvider time)
{
    private readonly StringBuilder text = new();

    public int Lines { get; private set; }

    public void Add(string line)
    {
        lock (text)
        {
            text.Append($"{time.GetUtcNow().UtcDateTime:O} {line}\n");
            Lines++;
        }
    }

    public byte[] ToUtf8()
    {
        lock (text)
        {
            return Encoding.UTF8.GetBytes(text.ToString());
        }
    }
}
