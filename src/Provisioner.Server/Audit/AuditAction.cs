using System.Text.Json;

namespace Provisioner.Server.Audit;

/// <summary>All that the audit log tells of. In the log each stands in lower case with dashes: <c>vm-requested</c>.</summary>
internal enum AuditAction
{
    /// <summary>A VM was asked for, and its row written.</summary>
    VmRequested,

    /// <summary>A VM got a machine that had been booted before anybody asked.</summary>
    VmTookWarm,

    /// <summary>A VM, or a longer life, was asked for and not granted.</summary>
    VmDenied,

    /// <summary>A caller let a VM live longer.</summary>
    VmExtended,

    /// <summary>A caller had a VM removed.</summary>
    VmDeleted,

    /// <summary>The server did not want a VM any more: its job is over, it failed, its time is up.</summary>
    VmEnded,

    /// <summary>Machine, disk and registration of a VM are gone.</summary>
    VmGone,

    TokenCreated,

    TokenRevoked,

    /// <summary>A policy came into force.</summary>
    PolicyLoaded,

    /// <summary>A policy is broken, and the one before it stays.</summary>
    PolicyRefused,

    /// <summary>An operator had a host take no new VM.</summary>
    HostDrained,

    /// <summary>An operator let a drained host take VMs again.</summary>
    HostResumed,

    /// <summary>A credential was not accepted.</summary>
    SignInRefused,
}

internal static class AuditWord
{
    extension(AuditAction action)
    {
        public string Word => JsonNamingPolicy.KebabCaseLower.ConvertName(action.ToString());
    }
}
