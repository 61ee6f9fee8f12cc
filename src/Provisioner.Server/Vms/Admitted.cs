namespace Provisioner.Server.Vms;

/// <summary>What came of asking for a VM.</summary>
/// <param name="Vm">The one that stands now; null, with nothing written, where there is no room for a new one.</param>
/// <param name="Created">Whether it is new.</param>
/// <param name="Refusal">Where there is no room.</param>
internal sealed record Admitted(Vm? Vm, bool Created, NoRoom? Refusal = null)
{
    public static Admitted None(NoRoom refusal) => new(null, Created: false, refusal);
}
