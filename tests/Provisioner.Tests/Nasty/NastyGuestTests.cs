using Provisioner.Client.Text;
using Provisioner.Client.Workflow;
using Provisioner.Hypervisors;

namespace Provisioner.Tests.Nasty;

/// <summary>What guests and servers say is shown, and never obeyed.</summary>
public sealed class NastyGuestTests
{
    private static readonly IReadOnlyList<string> All = [.. NastyText.Listed, .. NastyText.Random(10_000, seed: 2)];

    [Fact]
    public void A_report_of_a_guest_is_one_bounded_line_whatever_it_quotes()
    {
        foreach (var text in All)
        {
            Assert.True(GuestReport.TryParse($"failed: {text}", out var report));
            Assert.InRange(report.Detail.Length, 0, GuestReport.MaxDetail);
            Assert.DoesNotContain(report.Detail, char.IsControl);
            Assert.False(GuestReport.TryParse(text, out _));
        }
    }

    [Fact]
    public void Nothing_of_it_is_a_command_in_the_log_of_a_workflow()
    {
        foreach (var text in All)
        {
            using var output = new StringWriter();
            var log = new WorkflowLog(output, TimeProvider.System);
            log.Change("booting", text);
            log.Line(text);
            log.Error(text, text);
            log.Group(text, [text]);
            log.Console(text);

            var lines = output.ToString().TrimEnd('\n').Split('\n');
            Assert.All(lines, line => Assert.DoesNotContain(line, char.IsControl));
            Assert.DoesNotContain(lines, line => line.Contains("##[", StringComparison.Ordinal));
            // Ours alone: an error, two groups with their ends, and a pair that switches commands off and on.
            var commands = lines.Where(line => line.TrimStart().StartsWith("::", StringComparison.Ordinal)).ToList();
            Assert.Equal(7, commands.Count);
            Assert.StartsWith("::error title=", commands[0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Nothing_of_it_reaches_a_terminal_raw()
    {
        foreach (var text in All)
        {
            Assert.DoesNotContain(Untrusted.Line(text), char.IsControl);
            Assert.All(Untrusted.Lines(text), line => Assert.DoesNotContain(line, char.IsControl));
        }
    }
}
