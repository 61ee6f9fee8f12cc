namespace Provisioner.Hypervisors.Simulated;

/// <summary>A machine of the simulated host: its specification and, once started, its guest.</summary>
internal sealed class SimulatedMachine(VmSpecification specification)
{
    private readonly Lock gate = new();
    private bool removed;

    public VmSpecification Specification => specification;

    /// <summary>The guest of the present power cycle, or of the last.</summary>
    public SimulatedGuest? Guest { get; private set; }

    public bool Broken { get; set; }

    public VmPower Power => Broken ? VmPower.Broken : Guest is { IsOn: true } ? VmPower.On : VmPower.Off;

    /// <summary>Puts <paramref name="guest"/> in place. False when one is running or the machine was removed meanwhile.</summary>
    public bool TryBoot(SimulatedGuest guest)
    {
        lock (gate)
        {
            if (removed || Guest is { IsOn: true })
            {
                return false;
            }

            Guest = guest;
            return true;
        }
    }

    public void Remove()
    {
        lock (gate)
        {
            removed = true;
        }

        Guest?.CutPower();
    }
}
