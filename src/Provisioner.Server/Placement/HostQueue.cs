using System.Collections.Frozen;
using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;
using Provisioner.Server.Hardware;
using Provisioner.Server.Images;
using Provisioner.Server.Store;

namespace Provisioner.Server.Placement;

/// <summary>The room of this host, and those who wait for it.</summary>
internal sealed class HostQueue(PlacementTable table, ImageCatalog images, ServerOptions options, TimeProvider time)
{
    /// <summary>Patience ends without anything being written.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    private readonly HardwareCatalog _hardware = new(options);
    private readonly Resources _all = HostCapacity.Of(options);

    /// <summary>All that this host has for VMs.</summary>
    public Resources All => _all;

    /// <summary>The devices of it that no VM can have now, each with the reason.</summary>
    public IReadOnlyDictionary<string, string> Absent() => _hardware.FindAbsent();

    /// <summary>What VMs hold of it now.</summary>
    public Resources Held() => table.Read(NeedsOf, Plan()).Held;

    private readonly Lock _gate = new();
    private (QueueMark Mark, long At)? _inVain;
    private volatile IReadOnlySet<VmId> _on = FrozenSet<VmId>.Empty;

    /// <summary>Which machines run, as the hypervisor has just listed them: a warm one that died is given to nobody.</summary>
    public void SawRunning(IEnumerable<VmId> machines)
    {
        var on = machines.Where(WarmName.Is).ToHashSet();
        lock (_gate)
        {
            _inVain = _on.SetEquals(on) ? _inVain : null;
        }

        _on = on;
    }

    /// <summary>
    /// Gives places to those whose turn it is, and tells the others how long the queue is. Nothing is decided again where nobody came
    /// or went since nobody could be placed: the reconciler asks each time that anything happens to any VM.
    /// </summary>
    public Decision Place()
    {
        var (mark, now) = (table.Mark(), time.GetUtcNow());
        lock (_gate)
        {
            if ((mark.Waiting == 0 && !IsWarm(mark)) || (_inVain is { } before && before.Mark == mark && time.GetElapsedTime(before.At) < LookAgain))
            {
                return Decision.Nothing;
            }
        }

        var decision = table.Place(NeedsOf, Plan(), state => Placing.Decide(state, Present(), now));
        lock (_gate)
        {
            _inVain = decision.IsAny ? null : (mark, time.GetTimestamp());
        }

        return decision;
    }

    /// <summary>Where each that waits stands now.</summary>
    public IReadOnlyDictionary<VmId, QueuePlace> Look() =>
        Placing.Decide(table.Read(NeedsOf, Plan()), Present(), time.GetUtcNow()).Waits.ToDictionary(place => place.Waiting.Id);

    /// <summary>What of such a VM could never have its place here, in words; empty when it can.</summary>
    public string Excess(string image, int? cpus, int? memory, int? disk, string? hardware) => Excess(NeedsOf(image, cpus, memory, disk, _hardware.NameFor(image, hardware)));

    public string Excess(Resources needs) => string.Join(' ', needs.Excess(_all));

    /// <summary>How it stands with what is to be kept warm of each image, running.</summary>
    public IReadOnlyDictionary<string, WarmView> Warm() => Kept(saved: false);

    /// <summary>The same, of those that are kept saved.</summary>
    public IReadOnlyDictionary<string, WarmView> Saved() => Kept(saved: true);

    private Dictionary<string, WarmView> Kept(bool saved)
    {
        var (state, all) = (table.Read(NeedsOf, Plan()), Present());
        var free = all.Minus(state.Held).MinusDevices(all.Absent);
        return state.Warm.Goals.Where(goal => goal.Saves == saved).ToDictionary(goal => goal.Image, goal =>
        {
            var ready = state.Warm.Vms.Count(vm => vm is { IsReady: true, IsLeaving: false } && vm.IsSaved == saved && goal.IsMetBy(vm));
            var cause = state.Warm.Failures.LastOrDefault(failure => failure.Image == goal.Image && failure.Recipe == goal.Recipe)?.Cause ?? goal.Needs.Lack(free, all);
            cause = state.IsDraining ? Placing.Draining : cause;
            return new WarmView(goal.Count, ready, ready < goal.Count ? cause : null);
        });
    }

    private bool IsWarm(QueueMark mark) => mark.Warm > 0 || options.Images.Values.Any(image => image.Warm > 0 || image.Saved > 0);

    private WarmPlan Plan() => new(
        [.. options.Images.OrderBy(image => image.Key, StringComparer.Ordinal).SelectMany(image => Goals(image.Key, image.Value)).Where(goal => goal.Count > 0).OrderBy(goal => goal.Saves)],
        _on.Contains,
        options.Vms.WarmMaxAge);

    private IEnumerable<WarmGoal> Goals(string alias, ImageOptions image)
    {
        if (image is { Warm: 0, Saved: 0 } || images.RecipeOf(alias) is not { } recipe)
        {
            return [];
        }

        var needs = NeedsOf(alias, null, null, null, image.Hardware);
        return
        [
            new WarmGoal(alias, recipe, needs, image.Warm) { Hardware = image.Hardware },
            new WarmGoal(alias, recipe, needs.WithState(), image.Saved) { Hardware = image.Hardware, Saves = true },
        ];
    }

    /// <summary>All of the host, of which some devices may be unplugged now.</summary>
    private Resources Present() => _all with { Absent = [.. Absent().Keys] };

    private Resources NeedsOf(string image, int? cpus, int? memory, int? disk, string? hardware) =>
        Needs.Of(options.Images.GetValueOrDefault(image), cpus, memory, _all, _hardware.Find(hardware), disk);
}
