using Provisioner.Server.Vms;

namespace Provisioner.Server.Audit;

/// <summary>What a change of a VM's row means for the audit log. Pure; and asked in every transaction that changes a row, so that nothing can be forgotten.</summary>
internal static class VmAudit
{
    public static AuditEntry Requested(Vm vm) => Of(vm, vm.Caller, AuditAction.VmRequested) with
    {
        Detail = vm.Rule.Length > 0 ? $"image {vm.Image}, by {vm.Rule}" : $"image {vm.Image}",
    };

    /// <summary>A VM got a machine that had been booted before anybody asked.</summary>
    public static AuditEntry TookWarm(Vm vm) => Of(vm, $"server:{vm.Host}", AuditAction.VmTookWarm) with { Detail = $"machine {vm.Machine}, started {vm.StartedAt:u}" };

    /// <param name="before">The row as it was.</param>
    /// <param name="after">The row as it will be.</param>
    /// <param name="by">The caller that changes it; null for the server itself.</param>
    public static IEnumerable<AuditEntry> Changed(Vm before, Vm after, string? by)
    {
        if (after.Warm is not null)
        {
            yield break; // nobody's: the log tells of it when somebody takes it
        }

        var actor = by ?? $"server:{after.Host}";
        if (by is not null && after.Run != before.Run)
        {
            yield return Of(after, actor, AuditAction.VmRequested) with { Detail = "asked for again" };
        }

        if (by is not null && after.ExpiresAt != before.ExpiresAt)
        {
            yield return Of(after, actor, AuditAction.VmExtended) with { Detail = $"until {after.ExpiresAt:u}" };
        }

        if (before.Wanted == Wanted.Present && after.Wanted == Wanted.Gone)
        {
            yield return Of(after, actor, by is null ? AuditAction.VmEnded : AuditAction.VmDeleted) with { Outcome = Outcome(after), Detail = after.Reason };
        }

        if (before.GoneAt is null && after.GoneAt is not null)
        {
            yield return Of(after, actor, AuditAction.VmGone) with { Outcome = Outcome(after) };
        }
    }

    private static AuditEntry Of(Vm vm, string actor, AuditAction action) =>
        new(actor, action) { Target = vm.Id.Value, Repository = vm.Repository.ToString(), Run = vm.Run?.Id };

    private static string Outcome(Vm vm) => vm.Failure?.Code ?? AuditEntry.Done;
}
