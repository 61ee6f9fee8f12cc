using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Provisioner.Server.Audit;

/// <summary>A row of the audit log. Its hash is over the hash of the row before it and over all that the row says, each field with its length before it.</summary>
internal sealed record AuditRow(
    long Sequence, DateTimeOffset At, string Actor, string Action, string Target, string Repository, long? Run, string Outcome, string Detail, long Count, byte[] Hash)
{
    private const int LongestText = 500;

    /// <summary>The row that follows another.</summary>
    public static AuditRow After(AuditMark last, AuditEntry entry, DateTimeOffset at)
    {
        var row = new AuditRow(
            last.Sequence + 1,
            DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds()), // as the store keeps it
            Clean(entry.Actor),
            entry.Action.Word,
            Clean(entry.Target),
            Clean(entry.Repository),
            entry.Run,
            Clean(entry.Outcome),
            Clean(entry.Detail),
            entry.Count,
            []);
        return row with { Hash = row.HashAfter(last.Hash) };
    }

    /// <summary>What the hash has to be behind a row with another hash.</summary>
    public byte[] HashAfter(byte[] previous)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(previous);
        foreach (var field in new[] { Text(Sequence), Text(At.ToUnixTimeMilliseconds()), Actor, Action, Target, Repository, Run is { } run ? Text(run) : "", Outcome, Detail, Text(Count) })
        {
            var bytes = Encoding.UTF8.GetBytes(field);
            var length = new byte[sizeof(int)];
            BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }

        return hash.GetHashAndReset();
    }

    public AuditMark Mark => new(Sequence, Hash);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Text that both databases give back as it was: whole characters, no NUL, and no more than fits a line or two.</summary>
    private static string Clean(string text) =>
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Length > LongestText ? $"{text[..LongestText]}…" : text)).Replace('\0', '\uFFFD');
}
