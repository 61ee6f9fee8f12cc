using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging.Console;

namespace Provisioner.Server.Observability;

/// <summary>Logs: short lines for a person at a terminal and for the journal, one JSON object a line for everything else. What comes from outside cannot forge a line in either.</summary>
internal static class LoggingSetup
{
    public static void AddServerLogging(this ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None); // what it says of a failed start is said once, by RunCommand
        logging.AddFilter("System.Net.Http", LogLevel.Warning);
        if (Environment.GetEnvironmentVariable("VBDP_LOG_LEVEL") is { } wanted && Enum.TryParse<LogLevel>(wanted, ignoreCase: true, out var level))
        {
            logging.AddFilter("Provisioner", level);
        }

        // Standard output belongs to what the program says; logs go beside it.
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        if (Console.IsErrorRedirected && !SystemdHelpers.IsSystemdService())
        {
            logging.AddJsonConsole(json => (json.UseUtcTimestamp, json.TimestampFormat) = (true, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
        }
        else
        {
            logging.AddConsole();
            logging.Services.PostConfigure<ConsoleLoggerOptions>(console => console.FormatterName = PlainFormatter.Title);
            logging.Services.AddSingleton<ConsoleFormatter>(new PlainFormatter(TimeProvider.System));
        }
    }
}
