namespace Provisioner.Server.Audit;

/// <summary>Checks an audit log, row by row from its first. Pure: what reads the rows stands elsewhere.</summary>
internal static class AuditChain
{
    /// <param name="read">All rows by their sequence; read again only where one is wrong.</param>
    /// <param name="checkpoint">A place that was noted earlier. Without one, a log whose newest rows were cut off looks whole.</param>
    public static AuditVerdict Check(Func<IEnumerable<AuditRow>> read, AuditMark? checkpoint = null)
    {
        var last = AuditMark.Beginning;
        foreach (var row in read())
        {
            if (row.Sequence != last.Sequence + 1)
            {
                return new AuditVerdict(last, last.Sequence + 1, AuditFault.Missing);
            }

            if (!row.Mark.Fits(row.HashAfter(last.Hash)))
            {
                return new AuditVerdict(last, row.Sequence, IsOfAnotherPlace(row, read()) ? AuditFault.OutOfOrder : AuditFault.Altered);
            }

            if (row.Sequence == checkpoint?.Sequence && !checkpoint.Fits(row.Hash))
            {
                return new AuditVerdict(last, row.Sequence, AuditFault.WrittenAnew);
            }

            last = row.Mark;
        }

        return checkpoint?.Sequence > last.Sequence ? new AuditVerdict(last, last.Sequence + 1, AuditFault.Missing) : new AuditVerdict(last);
    }

    /// <summary>Whether the row was written behind another one: its hash follows from that one's. That one may itself have been moved by one place.</summary>
    private static bool IsOfAnotherPlace(AuditRow row, IEnumerable<AuditRow> rows) => rows.Select(other => other.Mark).Prepend(AuditMark.Beginning).Any(before =>
        Follows(row, before.Sequence + 1, before.Hash) || Follows(row, before.Sequence, before.Hash));

    private static bool Follows(AuditRow row, long sequence, byte[] previous) => row.Mark.Fits((row with { Sequence = sequence }).HashAfter(previous));
}
