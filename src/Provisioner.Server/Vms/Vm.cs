using Provisioner.Contracts;
using Provisioner.GitHub;
using Provisioner.Hypervisors;
using Provisioner.Server.Placement;

namespace Provisioner.Server.Vms;

/// <summary>One row: a VM that somebody wanted, and how far it has come.</summary>
internal sealed partial record Vm
{
    public required VmId Id { get; init; }

    /// <summary>Idempotency key of the request that made it.</summary>
    public required string Key { get; init; }

    /// <summary>Who asked, for the record.</summary>
    public required string Caller { get; init; }

    /// <summary>The rule of the policy that allowed it; empty where none was needed.</summary>
    public string Rule { get; init; } = "";

    public required RepositoryName Repository { get; init; }

    public required string Image { get; init; }

    /// <summary>All labels of the runner; the first is its <see cref="OwnLabel"/>.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    public int? Cpus { get; init; }

    public int? Memory { get; init; }

    /// <summary>Size of the disk that was asked for, in MiB.</summary>
    public int? Disk { get; init; }

    /// <summary>Name of its hardware profile, the image's where none was asked for; null for none.</summary>
    public string? Hardware { get; init; }

    public Wanted Wanted { get; init; } = Wanted.Present;

    public VmPhase Phase { get; init; } = VmPhase.Queued;

    /// <summary>Why it is in this phase, in words.</summary>
    public string Reason { get; init; } = "Waits for the host.";

    public Registration Registration { get; init; }

    /// <summary>GitHub's id of the registration, once known.</summary>
    public long? RunnerId { get; init; }

    /// <summary>The furthest that the guest has reported.</summary>
    public GuestPhase? Guest { get; init; }

    /// <summary>The host whose server made it, and which alone acts for it.</summary>
    public string Host { get; init; } = "";

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When it got its place on the host; before that it waits in the queue.</summary>
    public DateTimeOffset? PlacedAt { get; init; }

    /// <summary>When its place became free: its machine is certainly gone.</summary>
    public DateTimeOffset? ReleasedAt { get; init; }

    /// <summary>The position in the queue that it was last told.</summary>
    public int? ToldPosition { get; init; }

    /// <summary>What it holds of the host. Null before it has its place.</summary>
    public Resources? Reserved { get; init; }

    /// <summary>When we set out to clone it: before that there can be no machine.</summary>
    public DateTimeOffset? ClonedAt { get; init; }

    /// <summary>When we set out to start it: written before the start, so that a machine is never started twice.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? ReadyAt { get; init; }

    /// <summary>When the guest was given its configuration.</summary>
    public DateTimeOffset? ConfiguredAt { get; init; }

    public DateTimeOffset? OnlineAt { get; init; }

    public DateTimeOffset? BusyAt { get; init; }

    public DateTimeOffset? DoneAt { get; init; }

    public DateTimeOffset? GoneAt { get; init; }

    /// <summary>The latest time at which anything happened to it.</summary>
    public DateTimeOffset LastTime => new[] { CreatedAt, ClonedAt, StartedAt, ReadyAt, ConfiguredAt, OnlineAt, BusyAt, DoneAt, GoneAt, PlacedAt, ReleasedAt, SavingAt, SavedAt }.Max()!.Value;

    /// <summary>What keeps it from going on just now; it becomes the failure if a deadline passes meanwhile.</summary>
    public VmFailure? Trouble { get; init; }

    public VmFailure? Failure { get; init; }

    /// <summary>The workflow run that it is for: when that is over, so is the VM. Null where none was named, or several asked for it.</summary>
    public WorkflowRun? Run { get; init; }

    /// <summary>The machine that was booted before anybody asked, where it took one over: on the host that has another name than the VM.</summary>
    public VmId? TookMachine { get; init; }

    /// <summary>The name of its machine on the host: what the hypervisor is told, and tells of.</summary>
    public VmId Machine => TookMachine ?? Id;

    /// <summary>Set for a machine that nobody has asked for yet: what it was made from (<c>ImageCatalog.RecipeOf</c>). It has no caller, no repository and no key.</summary>
    public string? Warm { get; init; }

    /// <summary>Set for a warm one that is to wait switched off, with its state on the disk.</summary>
    public bool Saves { get; init; }

    /// <summary>When we set out to save its state: from then on its guest is given to nobody until that is done.</summary>
    public DateTimeOffset? SavingAt { get; init; }

    /// <summary>When its state was saved, and it was off.</summary>
    public DateTimeOffset? SavedAt { get; init; }

    /// <summary>Whether it waits for its place on the host.</summary>
    public bool IsQueued => this is { Wanted: Wanted.Present, PlacedAt: null, StartedAt: null };

    /// <summary>Puts the hypervisor's word (null: no such machine) together with what this row knows.</summary>
    /// <summary>Whether this is the same VM, and not a later one of the same id.</summary>
    public bool IsSame(Vm other) => (Id, Key, Caller) == (other.Id, other.Key, other.Caller);

    public Seen See(VmPower? power) => power is { } known ? See(known) : StartedAt is null ? Seen.Absent : Seen.Lost;

    private Seen See(VmPower power) => power switch
    {
        VmPower.Broken => Seen.Broken,
        VmPower.Off => this switch
        {
            { Warm: not null, SavedAt: not null } => Seen.Saved,
            { Warm: not null, SavingAt: not null, Guest: GuestPhase.Ready } => Seen.Saving,
            { StartedAt: null } => Seen.Fresh,
            _ => Seen.Ended,
        },
        VmPower.On when this is { Warm: not null, SavingAt: not null, Guest: GuestPhase.Ready } => Seen.Saving,
        VmPower.On => Guest is { } guest ? See(guest) : Seen.Booting,
    };

    private Seen See(GuestPhase guest) => guest switch
    {
        GuestPhase.Ready => Warm is not null ? Seen.Warm : ConfiguredAt is null ? Seen.Waiting : Seen.Working,
        GuestPhase.Configuring or GuestPhase.Online or GuestPhase.Busy or GuestPhase.Done => Seen.Working,
        GuestPhase.Failed => Seen.GaveUp,
    };

    public VmView ToView(string host) => new()
    {
        Id = Id.Value,
        Phase = Phase,
        Reason = Reason,
        Image = Image,
        Repository = Repository.ToString(),
        Labels = Labels,
        Cpus = Cpus,
        Memory = Memory,
        Disk = Disk,
        Hardware = Hardware,
        Host = Host.Length > 0 ? Host : host,
        Machine = TookMachine?.Value,
        CreatedAt = CreatedAt,
        ExpiresAt = ExpiresAt,
        RunnerId = RunnerId,
        RegistrationHeld = Registration != Registration.None,
        Failure = Failure,
    };
}
