using System.Text;
using Provisioner.Server.Audit;
using static Provisioner.Tests.Server.Rows;

namespace Provisioner.Tests.Audit;

/// <summary>Whatever is done to a log of a thousand rows, the check names the first row that is wrong.</summary>
public sealed class AuditChainTests
{
    private const int Length = 1000;
    private const int Fields = 9;

    private static readonly IReadOnlyList<AuditRow> Log = Write(Length);

    [Fact]
    public void A_log_that_nobody_touched_is_whole()
    {
        Assert.Equal(new AuditVerdict(Log[^1].Mark), AuditChain.Check(() => Log, Log[^1].Mark));
        Assert.Equal(new AuditVerdict(AuditMark.Beginning), AuditChain.Check(() => []));
    }

    [Fact]
    public void A_changed_field_is_found_in_each_of_a_thousand_rows() => AssertNamed(index =>
    {
        var rows = Log.ToArray();
        rows[index] = Flip(rows[index], index % Fields);
        return (rows, index, AuditFault.Altered);
    });

    [Fact]
    public void A_row_that_was_taken_away_is_missed_wherever_it_stood() => AssertNamed(index => ([.. Log.Where((_, place) => place != index)], index, AuditFault.Missing));

    [Fact]
    public void Two_rows_that_changed_places_are_found_wherever_they_stood() => AssertNamed(index =>
    {
        var rows = Log.ToArray();
        var other = (index + 1 + (index * 7 % (Length - 1))) % Length;
        (rows[index], rows[other]) = (Log[other] with { Sequence = index + 1 }, Log[index] with { Sequence = other + 1 });
        return (rows, Math.Min(index, other), AuditFault.OutOfOrder);
    });

    [Fact]
    public void Neighbours_that_changed_places_are_found() => AssertNamed(index =>
    {
        var first = Math.Min(index, Length - 2);
        var rows = Log.ToArray();
        (rows[first], rows[first + 1]) = (Log[first + 1] with { Sequence = first + 1 }, Log[first] with { Sequence = first + 2 });
        return (rows, first, AuditFault.OutOfOrder);
    });

    [Fact]
    public void Only_a_checkpoint_shows_that_the_newest_rows_were_cut_off()
    {
        var cut = Log.Take(990).ToList();

        Assert.Null(AuditChain.Check(() => cut).Fault);
        Assert.Equal((991, AuditFault.Missing), Named(AuditChain.Check(() => cut, Log[^1].Mark)));
        Assert.Null(AuditChain.Check(() => cut, Log[980].Mark).Fault);
    }

    [Fact]
    public void Only_a_checkpoint_shows_that_all_was_written_anew()
    {
        var anew = Write(Length, "somebody else");

        Assert.Null(AuditChain.Check(() => anew).Fault);
        Assert.Equal((500, AuditFault.WrittenAnew), Named(AuditChain.Check(() => anew, Log[499].Mark)));
    }

    [Fact]
    public void What_moves_from_one_field_into_the_next_changes_the_hash()
    {
        var row = AuditRow.After(AuditMark.Beginning, new AuditEntry("ab", AuditAction.VmGone) { Target = "c", Repository = "" }, Noon);

        Assert.NotEqual(row.HashAfter(new byte[32]), (row with { Target = "", Repository = "c" }).HashAfter(new byte[32]));
        Assert.NotEqual(row.HashAfter(new byte[32]), (row with { Actor = "abvm-gone", Action = "" }).HashAfter(new byte[32]));
    }

    [Fact]
    public void The_hash_is_the_one_that_the_documentation_describes()
    {
        var row = AuditRow.After(AuditMark.Beginning, new AuditEntry("é", AuditAction.VmRequested) { Target = "run-1", Repository = "a/b", Run = 7, Detail = "x" }, Noon);
        string[] fields = ["1", $"{Noon.ToUnixTimeMilliseconds()}", "é", "vm-requested", "run-1", "a/b", "7", "done", "x", "1"];
        var encoded = fields.SelectMany(field => (byte[])[0, 0, 0, (byte)Encoding.UTF8.GetByteCount(field), .. Encoding.UTF8.GetBytes(field)]);

        Assert.Equal(System.Security.Cryptography.SHA256.HashData([.. new byte[32], .. encoded]), row.Hash);
    }

    private static void AssertNamed(Func<int, (IReadOnlyList<AuditRow> Rows, int First, AuditFault Fault)> tamper)
    {
        var missed = Enumerable.Range(0, Length).AsParallel().Where(index =>
        {
            var (rows, first, fault) = tamper(index);
            return Named(AuditChain.Check(() => rows, Log[^1].Mark)) != (first + 1, fault);
        }).ToList();

        Assert.Empty(missed);
    }

    private static (long?, AuditFault?) Named(AuditVerdict verdict) => (verdict.Wrong, verdict.Fault);

    private static List<AuditRow> Write(int length, string actor = "token:1 (tests)")
    {
        var rows = new List<AuditRow>();
        for (var index = 0; index < length; index++)
        {
            var entry = new AuditEntry(actor, (AuditAction)(index % 11)) { Target = $"run-{index}", Repository = "acme/gpu", Run = index % 3 == 0 ? null : index, Detail = "why" };
            rows.Add(AuditRow.After(rows.Count == 0 ? AuditMark.Beginning : rows[^1].Mark, entry, Noon.AddSeconds(index / 3)));
        }

        return rows;
    }

    private static AuditRow Flip(AuditRow row, int field) => field switch
    {
        0 => row with { At = row.At.AddMilliseconds(1) },
        1 => row with { Actor = row.Actor + " " },
        2 => row with { Action = "vm-gone " },
        3 => row with { Target = row.Target[1..] },
        4 => row with { Repository = "acme/gpV" },
        5 => row with { Run = row.Run is null ? 0 : null },
        6 => row with { Outcome = "" },
        7 => row with { Count = 2 },
        _ => row with { Hash = [.. row.Hash[..^1], (byte)(row.Hash[^1] ^ 1)] },
    };
}
