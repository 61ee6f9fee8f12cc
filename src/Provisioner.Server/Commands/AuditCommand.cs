using System.CommandLine;
using System.Globalization;
using Provisioner.Server.Audit;
using Provisioner.Server.Store;

namespace Provisioner.Server.Commands;

/// <summary><c>audit list|verify</c>: what was done, and whether the log of it is whole. Works on the store, whether or not the server runs.</summary>
internal static class AuditCommand
{
    public static Command Create(Option<FileInfo?> config) => new("audit", "Read and check the log of who did what")
    {
        ListRows(config),
        Verify(config),
    };

    private static Command ListRows(Option<FileInfo?> config)
    {
        var since = new Option<string?>("--since") { Description = "Only what happened since then: a date, or date and time, UTC unless it says otherwise", HelpName = "TIME" };
        var format = new Option<string>("--format") { Description = "text, or json: one object a line", DefaultValueFactory = _ => "text", HelpName = "FORMAT" };
        format.AcceptOnlyFromAmong("text", "json");
        var command = new Command("list", "Show the rows, oldest first") { since, format };
        command.SetAction(parsed =>
        {
            DateTimeOffset? start = null;
            if (parsed.GetValue(since) is { } text)
            {
                if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
                {
                    return StoreCommand.Refuse("--since takes a time such as 2026-11-26, or 2026-11-26T14:30:00Z.");
                }

                start = time;
            }

            Func<AuditRow, string> show = parsed.GetValue(format) == "json" ? AuditText.Json : AuditText.Line;
            return StoreCommand.Run(parsed.GetValue(config), database =>
            {
                foreach (var row in new AuditTable(database, TimeProvider.System).Read(start))
                {
                    Console.WriteLine(show(row));
                }

                return ExitCodes.Done;
            }, mustExist: true);
        });
        return command;
    }

    private static Command Verify(Option<FileInfo?> config)
    {
        var checkpoint = new Option<string?>("--checkpoint")
        {
            Description = "A checkpoint from the server's log, kept elsewhere: without one nobody can tell whether the newest rows were cut off, or all were written anew",
            HelpName = "SEQUENCE:HASH",
        };
        var command = new Command("verify", "Check that no row was changed, moved or taken away. Exit codes: 0 whole, 1 not, 2 cannot be checked") { checkpoint };
        command.SetAction(parsed =>
        {
            AuditMark? mark = null;
            if (parsed.GetValue(checkpoint) is { } text && !AuditMark.TryParse(text, out mark))
            {
                return StoreCommand.Refuse("--checkpoint takes what the server's log has behind 'Audit checkpoint': a number, a colon, 64 hexadecimal digits.");
            }

            return StoreCommand.Run(parsed.GetValue(config), database =>
            {
                var verdict = AuditChain.Check(() => new AuditTable(database, TimeProvider.System).Read(), mark);
                Console.WriteLine(AuditText.Describe(verdict, mark));
                return verdict.Fault is null ? ExitCodes.Done : ExitCodes.Failed;
            }, mustExist: true);
        });
        return command;
    }
}
