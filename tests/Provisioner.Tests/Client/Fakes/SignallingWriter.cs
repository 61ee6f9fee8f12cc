using System.Text;

namespace Provisioner.Tests.Client.Fakes;

/// <summary>Keeps what is written, and tells when a text has come.</summary>
internal sealed class SignallingWriter : TextWriter
{
    private readonly StringBuilder _text = new();
    private readonly Lock _lock = new();
    private (string Text, TaskCompletionSource Seen)? _awaited;

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => Write(value.ToString());

    public override void Write(string? value)
    {
        lock (_lock)
        {
            _text.Append(value);
            Tell();
        }
    }

    public Task ShownAsync(string text)
    {
        lock (_lock)
        {
            _awaited = (text, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            var seen = _awaited.Value.Seen.Task;
            Tell();
            return seen.WaitAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Forgets what was written so far.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _text.Clear();
        }
    }

    public override string ToString()
    {
        lock (_lock)
        {
            return _text.ToString();
        }
    }

    private void Tell()
    {
        if (_awaited is var (text, seen) && _text.ToString().Contains(text, StringComparison.Ordinal))
        {
            seen.TrySetResult();
        }
    }
}
