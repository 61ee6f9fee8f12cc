using Provisioner.Client.Text;
using Provisioner.Contracts;

namespace Provisioner.Client.Commands;

/// <summary>
/// Tells on standard error how far a VM has come. On a terminal it is one line that is written over and whose clock runs; elsewhere a
/// line for each change.
/// </summary>
internal sealed class Progress : IDisposable
{
    private const string ClearLine = "\r\x1b[K";

    private readonly CommandContext _context;
    private readonly bool _quiet;
    private readonly bool _rewrites;
    private readonly long _start;
    private readonly Lock _lock = new();
    private readonly ITimer _clock;
    private string _now = "";

    public Progress(CommandContext context, bool quiet)
    {
        (_context, _quiet) = (context, quiet);
        _rewrites = context.ErrorIsTerminal && !quiet;
        _start = context.Time.GetTimestamp();
        _clock = context.Time.CreateTimer(_ => Show(_now), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    public void Report(VmEvent change) => Show($"{PhaseName.Of(change.Phase),-11} {Untrusted.Line(change.Message)}", keep: !_rewrites);

    /// <summary>Something to keep in sight, such as a lost connection.</summary>
    public void Notice(string text) => Show(Untrusted.Line(text), keep: true);

    public void Dispose()
    {
        _clock.Dispose();
        lock (_lock)
        {
            if (_rewrites)
            {
                _context.Error.Write(ClearLine);
            }
        }
    }

    private void Show(string text, bool keep = false)
    {
        lock (_lock)
        {
            var line = $"{_context.Time.GetElapsedTime(_start).TotalSeconds,7:0.0} s  {text}";
            if (_quiet || text.Length == 0)
            {
                return;
            }

            if (_rewrites)
            {
                _now = keep ? _now : text;
                _context.Error.Write($"{ClearLine}{(keep ? line + "\n" : Fit(line))}");
            }
            else if (keep)
            {
                _context.Error.Write($"{line}\n");
            }

            _context.Error.Flush();
        }
    }

    // A line that wraps cannot be written over.
    private static string Fit(string line)
    {
        var width = Console.WindowWidth > 0 ? Console.WindowWidth - 1 : 79;
        return line.Length > width ? line[..width] : line;
    }
}
