using Provisioner.Contracts;

namespace Provisioner.Client.Text;

/// <summary>The word for a phase, the same as on the wire.</summary>
internal static class PhaseName
{
    public static string Of(VmPhase phase) => phase switch
    {
        VmPhase.Queued => "queued",
        VmPhase.Cloning => "cloning",
        VmPhase.Booting => "booting",
        VmPhase.Registering => "registering",
        VmPhase.Online => "online",
        VmPhase.Busy => "busy",
        VmPhase.Deleting => "deleting",
        VmPhase.Gone => "gone",
    };
}
