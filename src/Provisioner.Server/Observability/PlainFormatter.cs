using System.Globalization;
using System.Text;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Provisioner.Server.Access;

namespace Provisioner.Server.Observability;

/// <summary>
/// One line a message, for a person at a terminal and, with its level in front instead of the time, for systemd's journal. What comes
/// from outside can neither begin a line nor move a cursor: what is not seen is written as its code.
/// </summary>
internal sealed class PlainFormatter(TimeProvider time) : ConsoleFormatter(Title)
{
    public const string Title = "plain";

    private readonly bool _journal = SystemdHelpers.IsSystemdService();
    private readonly bool _colours = !Console.IsErrorRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var line = new StringBuilder(_journal
            ? $"<{Priority(logEntry.LogLevel)}>"
            : $"{time.GetLocalNow().ToString("HH:mm:ss", CultureInfo.InvariantCulture)} {(_colours ? Coloured(logEntry.LogLevel) : Word(logEntry.LogLevel))}: ");
        Append(line, $"{logEntry.Category}[{logEntry.EventId.Id}] {logEntry.Formatter(logEntry.State, logEntry.Exception)}");
        if (logEntry.Exception is { } exception)
        {
            Append(line, $" {exception}");
        }

        textWriter.Write(line.Append('\n').ToString());
    }

    // A stack trace has lines of its own, which stay apart by a space.
    private static void Append(StringBuilder line, string text) => line.Append(ClaimText.ShowUpTo(int.MaxValue, text.ReplaceLineEndings(" ")));

    private static string Coloured(LogLevel level) => level switch
    {
        LogLevel.Warning => $"\e[33m{Word(level)}\e[0m",
        LogLevel.Error or LogLevel.Critical => $"\e[31m{Word(level)}\e[0m",
        _ => Word(level),
    };

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        LogLevel.Critical => "crit",
        _ => "info",
    };

    // Those of syslog.
    private static int Priority(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => 7,
        LogLevel.Warning => 4,
        LogLevel.Error => 3,
        LogLevel.Critical => 2,
        _ => 6,
    };
}
