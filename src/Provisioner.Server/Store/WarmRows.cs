using Provisioner.Hypervisors;
using Provisioner.Server.Audit;
using Provisioner.Server.Placement;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Store;

/// <summary>The rows of warm VMs in the transaction that places: read, taken over, ended and begun there, so that none is given to two.</summary>
internal static class WarmRows
{
    /// <summary>Of the host @own: who took one and is not online yet.</summary>
    public static readonly string Hurried = $"machine IS NOT NULL AND gone_at IS NULL AND host = @own AND online_at IS NULL AND wanted = {(int)Wanted.Present}";

    public static WarmState Read(Session session, string own, WarmPlan plan, DateTimeOffset now)
    {
        var rows = VmTable.Query(
            session,
            "WHERE warm IS NOT NULL AND host = @own AND (gone_at IS NULL OR gone_at > @since)",
            command => command.With("@own", own).With("@since", now - WarmFailure.Memory));
        return new WarmState(
            [.. rows.Where(vm => vm is { ReleasedAt: null, GoneAt: null }).Select(vm => ToWarm(vm, plan))],
            plan.Goals,
            [.. rows.Where(vm => vm.Failure is not null).Select(vm => new WarmFailure(vm.Image, vm.Warm!, vm.ReleasedAt ?? vm.GoneAt, vm.Failure!.Cause))])
        {
            IsHurried = (long)session.Scalar(
                $"SELECT COUNT(*) FROM vms WHERE {Hurried} AND placed_at > @since",
                command => command.With("@own", own).With("@since", now - WarmState.Hurry))! > 0,
        };
    }

    /// <summary>Who waits, with what its machine would be made from where one may be there already. Read from its whole row: each wish counts.</summary>
    public static IReadOnlyList<Waiting> WithRecipes(Session session, IReadOnlyList<Waiting> queue, WarmState warm, Func<Vm, string?> recipeOf)
    {
        var images = warm.Vms.Where(vm => !vm.IsLeaving).Select(vm => vm.Image).ToHashSet();
        return images.Count == 0 ? queue
            : [.. queue.Select(waiting => images.Contains(waiting.Image!) && VmTable.Find(session, waiting.Id) is { } vm ? waiting with { Recipe = recipeOf(vm) } : waiting)];
    }

    public static void Write(Session session, Decision decided, string own, TimeSpan maxAge, DateTimeOffset now)
    {
        foreach (var (vm, reason) in decided.Ended)
        {
            Write(session, VmTable.Find(session, vm.Id)!.Cooled(reason), now);
        }

        foreach (var (id, goal) in decided.Made)
        {
            Write(session, Vm.MakeWarm(id, goal, own, maxAge, now), now);
        }

        foreach (var (waiting, vm) in decided.Taken)
        {
            var warm = VmTable.Find(session, vm.Id)!;
            var took = VmTable.Find(session, waiting.Id)!.TookOver(warm, vm.Saves ? waiting.Needs.WithState() : waiting.Needs, now);
            session.Execute("DELETE FROM vms WHERE id = @id", command => command.With("@id", vm.Id.Value));
            Write(session, took, now);
            AuditTable.Append(session, VmAudit.TookWarm(took), now);
            CrashPoint.Reach(CrashPoint.WarmTaking);
        }
    }

    private static void Write(Session session, Vm vm, DateTimeOffset now)
    {
        session.Execute(VmRow.Upsert, command => VmRow.Bind(command, vm));
        VmTable.Tell(session, vm, now);
    }

    private static WarmVm ToWarm(Vm vm, WarmPlan plan) => new()
    {
        Id = vm.Id,
        Image = vm.Image,
        Recipe = vm.Warm!,
        Holds = vm.Reserved ?? Resources.None,
        Since = vm.CreatedAt,
        Saves = vm.Saves,
        IsSaved = vm.SavedAt is not null,
        IsReady = vm.Guest == GuestPhase.Ready && vm.SavingAt is null == vm.SavedAt is null,
        IsOn = vm.SavedAt is not null || plan.IsOn(vm.Id),
        IsLeaving = vm.Wanted == Wanted.Gone,
    };
}
