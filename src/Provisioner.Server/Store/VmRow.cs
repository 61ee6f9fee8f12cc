using System.Data.Common;
using System.Text.Json;
using Provisioner.Contracts;
using Provisioner.GitHub;
using Provisioner.Hypervisors;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Store;

/// <summary>A VM to its row and back: one list of columns, used by every statement.</summary>
internal static class VmRow
{
    public const string Columns =
        "id, key, caller, repository, image, labels, cpus, memory, wanted, phase, reason, registration, runner_id, guest, " +
        "created_at, expires_at, cloned_at, started_at, ready_at, configured_at, online_at, busy_at, done_at, gone_at, trouble, failure, host, " +
        $"placed_at, released_at, told_position, {ReservationColumns.Reserved}, run_id, run_attempt, rule, machine, warm, hardware, saves, saving_at, saved_at, disk";

    /// <summary>Moves all times of the host @own by @by milliseconds; what has not happened stays so.</summary>
    public static string Shift { get; } =
        $"UPDATE vms SET {string.Join(", ", Columns.Split(", ").Where(column => column.EndsWith("_at", StringComparison.Ordinal)).Select(column => $"{column} = {column} + @by"))} WHERE host = @own";

    public static string Insert { get; } =
        $"INSERT INTO vms ({Columns}) VALUES ({string.Join(", ", Columns.Split(", ").Select(column => $"@{column}"))})";

    public static string Upsert { get; } =
        $"{Insert} ON CONFLICT (id) DO UPDATE SET {string.Join(", ", Columns.Split(", ").Skip(1).Select(column => $"{column} = excluded.{column}"))}";

    public static Vm Read(DbDataReader row) => new()
    {
        Id = VmId.Parse(row.GetString(0)),
        Key = row.GetString(1),
        Caller = row.GetString(2),
        Repository = row.IsDBNull(38) ? RepositoryName.Parse(row.GetString(3)) : default,
        Image = row.GetString(4),
        Labels = row.GetString(5).Split('\n'),
        Cpus = row.Optional(6) is { } cpus ? (int)cpus : null,
        Memory = row.Optional(7) is { } memory ? (int)memory : null,
        Wanted = (Wanted)row.Number(8),
        Phase = (VmPhase)row.Number(9),
        Reason = row.GetString(10),
        Registration = (Registration)row.Number(11),
        RunnerId = row.Optional(12),
        Guest = row.Optional(13) is { } guest ? (GuestPhase)guest : null,
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(14)),
        ExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(15)),
        ClonedAt = row.Time(16),
        StartedAt = row.Time(17),
        ReadyAt = row.Time(18),
        ConfiguredAt = row.Time(19),
        OnlineAt = row.Time(20),
        BusyAt = row.Time(21),
        DoneAt = row.Time(22),
        GoneAt = row.Time(23),
        Trouble = ReadFailure(row, 24),
        Failure = ReadFailure(row, 25),
        Host = row.GetString(26),
        PlacedAt = row.Time(27),
        ReleasedAt = row.Time(28),
        ToldPosition = (int?)row.Optional(29),
        Reserved = ReservationColumns.Read(row, 30),
        Run = row.Optional(34) is { } run ? new WorkflowRun(run, row.Number(35)) : null,
        Rule = row.GetString(36),
        TookMachine = row.IsDBNull(37) ? null : VmId.Parse(row.GetString(37)),
        Warm = row.IsDBNull(38) ? null : row.GetString(38),
        Hardware = row.IsDBNull(39) ? null : row.GetString(39),
        Saves = row.GetInt64(40) != 0,
        SavingAt = row.Time(41),
        SavedAt = row.Time(42),
        Disk = row.Optional(43) is { } disk ? (int)disk : null,
    };

    public static void Bind(DbCommand command, Vm vm)
    {
        BindLife(command, vm);
        command.With("@placed_at", vm.PlacedAt).With("@released_at", vm.ReleasedAt).With("@told_position", vm.ToldPosition);
        ReservationColumns.Bind(command, vm.Reserved);
    }

    private static void BindLife(DbCommand command, Vm vm) => command
        .With("@id", vm.Id.Value)
        .With("@key", vm.Key)
        .With("@caller", vm.Caller)
        .With("@repository", vm.Repository.ToString())
        .With("@image", vm.Image)
        .With("@labels", string.Join('\n', vm.Labels))
        .With("@cpus", vm.Cpus)
        .With("@memory", vm.Memory)
        .With("@wanted", (int)vm.Wanted)
        .With("@phase", (int)vm.Phase)
        .With("@reason", vm.Reason)
        .With("@registration", (int)vm.Registration)
        .With("@runner_id", vm.RunnerId)
        .With("@guest", (int?)vm.Guest)
        .With("@created_at", vm.CreatedAt)
        .With("@expires_at", vm.ExpiresAt)
        .With("@cloned_at", vm.ClonedAt)
        .With("@started_at", vm.StartedAt)
        .With("@ready_at", vm.ReadyAt)
        .With("@configured_at", vm.ConfiguredAt)
        .With("@online_at", vm.OnlineAt)
        .With("@busy_at", vm.BusyAt)
        .With("@done_at", vm.DoneAt)
        .With("@gone_at", vm.GoneAt)
        .With("@trouble", WriteFailure(vm.Trouble))
        .With("@failure", WriteFailure(vm.Failure))
        .With("@host", vm.Host)
        .With("@run_id", vm.Run?.Id)
        .With("@run_attempt", vm.Run?.Attempt)
        .With("@rule", vm.Rule)
        .With("@machine", vm.TookMachine?.Value)
        .With("@warm", vm.Warm)
        .With("@hardware", vm.Hardware)
        .With("@saves", vm.Saves ? 1 : 0)
        .With("@saving_at", vm.SavingAt)
        .With("@saved_at", vm.SavedAt)
        .With("@disk", vm.Disk);

    public static VmFailure? ReadFailure(DbDataReader row, int column) =>
        row.IsDBNull(column) ? null : JsonSerializer.Deserialize(row.GetString(column), WireJson.Default.VmFailure);

    public static string? WriteFailure(VmFailure? failure) =>
        failure is null ? null : JsonSerializer.Serialize(failure, WireJson.Default.VmFailure);
}
