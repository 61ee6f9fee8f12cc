using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Time.Testing;
using Provisioner.Server.Observability;

namespace Provisioner.Tests.Nasty;

/// <summary>Whatever a message quotes, it is one line of the log, and moves nothing on a terminal.</summary>
public sealed class NastyLogTests
{
    private static readonly IReadOnlyList<string> All = [.. NastyText.Listed, .. NastyText.Random(10_000, seed: 1)];

    [Fact]
    public void A_line_for_people_has_no_control_character_and_ends_once()
    {
        var formatter = new PlainFormatter(new FakeTimeProvider());

        foreach (var text in All)
        {
            var line = Write(formatter, text);

            Assert.EndsWith("\n", line, StringComparison.Ordinal);
            Assert.DoesNotContain(line[..^1], char.IsControl);
            Assert.DoesNotContain(line, c => c is '\u202e' or '\u2028' or '\u2066' or '\ufeff');
            Assert.StartsWith("00:00:00 warn: Category[0] ", line, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_line_for_programs_is_one_object()
    {
        using var services = new ServiceCollection().AddLogging(logging => logging.AddJsonConsole()).BuildServiceProvider();
        var formatter = services.GetServices<ConsoleFormatter>().Single(formatter => formatter.Name == ConsoleFormatterNames.Json);

        foreach (var text in All)
        {
            var line = Write(formatter, text);

            Assert.DoesNotContain(line.TrimEnd('\r', '\n'), char.IsControl);
            using var read = JsonDocument.Parse(line);
            Assert.Contains(NastyText.Mark, read.RootElement.GetProperty("Message").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_text_of_an_exception_stays_on_the_line_too()
    {
        using var output = new StringWriter();
        var entry = new LogEntry<string>(LogLevel.Error, "Category", 7, "said", new InvalidOperationException("one\ntwo\u001b[2J"), (text, _) => text);

        new PlainFormatter(new FakeTimeProvider()).Write(entry, null, output);

        Assert.Equal("00:00:00 fail: Category[7] said System.InvalidOperationException: one two\\u001b[2J\n", output.ToString());
    }

    private static string Write(ConsoleFormatter formatter, string text)
    {
        using var output = new StringWriter();
        var entry = new LogEntry<string>(LogLevel.Warning, "Category", 0, text, null, (state, _) => state);
        formatter.Write(entry, null, output);
        return output.ToString();
    }
}
