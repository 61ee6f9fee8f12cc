namespace Provisioner.Hypervisors.Simulated;

/// <summary>A machine of the simulated host: its specification and, once started, its guest.</summary>
internal sealed class SimulatedMachine(VmSpecification specification, SimulatedFolder? folder = null)
{
    private readonly Lock gate = new();
    private bool removed;

    public VmSpecification Specification { get; private set; } = specification;

    /// <summary>The guest of the present power cycle, or of the last.</summary>
    public SimulatedGuest? Guest { get; private set; }

    public bool Broken { get; set; }

    /// <summary>Whether the guest goes on where it was when it is switched on.</summary>
    public bool HasState { get; private set; }

    /// <summary>How often it booted.</summary>
    public int Starts { get; private set; }

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

            Starts += HasState ? 0 : 1;
            (Guest, HasState) = (guest, false);
        }

        Save();
        return true;
    }

    /// <summary>Takes up what a file tells of it.</summary>
    public void Restore(SavedSimulatedMachine saved, SimulatedGuest? guest) => (Broken, HasState, Starts, Guest) = (saved.Broken, saved.HasState, saved.Starts, guest);

    /// <summary>Switches it off so that its guest goes on where it is.</summary>
    public void SaveState()
    {
        if (Guest is { IsOn: true } guest)
        {
            HasState = true;
            guest.CutPower(); // which writes it down
        }
    }

    public void Label(GuestLabels labels)
    {
        Specification = Specification with { Label = labels.Label, Owner = labels.Owner, Repository = labels.Repository };
        Save();
    }

    /// <summary>Writes down what it is now, where it is to outlive the server.</summary>
    public void Save()
    {
        if (folder is not null)
        {
            lock (gate)
            {
                if (!removed)
                {
                    folder.Save(Specification.Id, SavedSimulatedMachine.From(this));
                }
            }
        }
    }

    public void Remove()
    {
        lock (gate)
        {
            removed = true;
            folder?.Delete(Specification.Id);
        }

        Guest?.CutPower();
    }

    /// <summary>Stands still from now on, as it is: another driver may go on with its file.</summary>
    public void Freeze()
    {
        lock (gate)
        {
            removed = true;
        }

        Guest?.Freeze();
    }
}
