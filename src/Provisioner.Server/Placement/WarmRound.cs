using Provisioner.Hypervisors;

namespace Provisioner.Server.Placement;

/// <summary>
/// The warm VMs in one round of placing, those that are saved too. Model: a request takes one that is ready, else its place; who finds neither waits for one that boots
/// for it, or has warm ones of others make room. What the goals no longer want goes. New ones are made only when nobody waits.
/// </summary>
internal sealed class WarmRound
{
    /// <summary>How many of an image are made at the same time, so that a host with much room is not busy with nothing else.</summary>
    private const int AtOnce = 2;

    private readonly WarmState _state;
    private readonly IReadOnlyList<Waiting> _queue;
    private readonly IReadOnlyList<string> _absent;
    private readonly List<WarmVm> _present = [];
    private readonly List<(Waiting, WarmVm)> _taken = [];
    private readonly List<(WarmVm, string)> _ended = [];
    private readonly Dictionary<VmId, string> _words = [];
    private Resources _leaving;
    private Resources _claimed = Resources.None;

    public WarmRound(WarmState state, IReadOnlyList<Waiting> queue, IReadOnlyList<string> absent)
    {
        (_state, _queue, _absent) = (state, queue, absent);
        _leaving = state.Vms.Where(vm => vm.IsLeaving).Aggregate(Resources.None, (sum, vm) => sum.Plus(vm.Holds));
        foreach (var vm in state.Vms.Where(vm => !vm.IsLeaving).OrderBy(vm => vm.Since).ThenBy(vm => vm.Id.Value, StringComparer.Ordinal))
        {
            if (vm.Holds.Devices.Intersect(absent).FirstOrDefault() is { } device)
            {
                End(vm, $"Its device {device} is absent from this host.");
            }
            else if (state.Goals.Any(goal => goal.IsMetBy(vm)))
            {
                _present.Add(vm);
            }
            else
            {
                End(vm, $"The image {vm.Image} has changed, or is not kept warm any more.");
            }
        }
    }

    public IReadOnlyList<(Waiting Waiting, WarmVm Vm)> Taken => _taken;

    public IReadOnlyList<(WarmVm Vm, string Reason)> Ended => _ended;

    /// <summary>What one that waits is told instead of what it lacks; null where no warm VM has to do with it.</summary>
    public string? WordFor(Waiting waiting) => _words.GetValueOrDefault(waiting.Id);

    /// <summary>Gives one that waits a VM that is ready: one that runs, which has its room already, else one that is saved, if there is room for it to run.</summary>
    /// <param name="next">Who waits.</param>
    /// <param name="room">The room that it may use.</param>
    /// <returns>What of the room is used by that; null where there is no such VM.</returns>
    public Resources? TryTake(Waiting next, Resources room)
    {
        if (ReadyFor(next).FirstOrDefault(vm => Uses(next, vm).Fits(room)) is not { } vm)
        {
            return null;
        }

        _present.Remove(vm);
        _taken.Add((next, vm));
        return Uses(next, vm);
    }

    /// <summary>Whether one that boots is kept for it, which is sooner there than another that would have to boot in its room.</summary>
    public bool TryPromise(Waiting next)
    {
        if (_present.FirstOrDefault(vm => vm is { IsReady: false, IsSaved: false } && IsFor(vm, next)) is not { } vm)
        {
            return false;
        }

        _present.Remove(vm);
        _words[next.Id] = "a warm VM of its image boots, and is for it";
        return true;
    }

    /// <summary>Ends as few as give one that waits its room; none where all of them would not.</summary>
    /// <param name="next">Who waits.</param>
    /// <param name="free">The room that there is.</param>
    /// <param name="kept">What of it is kept for others.</param>
    public void MakeRoom(Waiting next, Resources free, Resources kept)
    {
        var soon = free.Plus(_leaving).MinusDevices(_absent).Minus(_claimed).Minus(kept);
        // One that is saved for it has its disk already, and must not go.
        var own = ReadyFor(next).FirstOrDefault(vm => vm.IsSaved);
        var needs = own is null ? next.Needs : Uses(next, own);
        if (!needs.Fits(soon))
        {
            var go = Fewest(needs, soon, own);
            go.ForEach(vm => End(vm, $"Makes room for {next.Id}, which waits."));
            if (go.Count == 0)
            {
                return;
            }
        }

        _claimed = _claimed.Plus(needs);
        _words[next.Id] = "a warm VM makes room for it";
    }

    /// <summary>After the queue: what there is too many of goes, and what is lacking is made.</summary>
    public IReadOnlyList<(VmId Id, WarmGoal Goal)> Level(Resources free, bool mayMake, DateTimeOffset now)
    {
        var made = new List<(VmId, WarmGoal)>();
        foreach (var goal in _state.Goals)
        {
            var present = _present.Where(goal.IsMetBy).ToList();
            foreach (var vm in present.OrderBy(vm => vm.IsReady).ThenBy(vm => vm.Since).Take(present.Count - goal.Count))
            {
                End(vm, $"Fewer VMs of the image {vm.Image} are kept {(vm.Saves ? "saved" : "warm")} now.");
            }

            var failures = _state.Failures.Where(failure => failure.Image == goal.Image && failure.Recipe == goal.Recipe).ToList();
            var atOnce = Math.Max(0, (failures.Count > 0 ? 1 : AtOnce) - present.Count(vm => !vm.IsReady));
            var lacking = mayMake && WarmFailure.IsPauseOver(failures, now) ? Math.Min(atOnce, goal.Count - present.Count) : 0;
            for (; lacking > 0 && goal.Needs.Fits(free); lacking--)
            {
                made.Add((WarmName.Make(), goal));
                free = free.Minus(goal.Needs);
            }
        }

        return made;
    }

    private static bool IsFor(WarmVm vm, Waiting waiting) => vm.Image == waiting.Image && vm.Recipe == waiting.Recipe && vm.Holds == vm switch
    {
        { IsSaved: true } => waiting.Needs.WithState().AtRest(),
        { Saves: true } => waiting.Needs.WithState(),
        _ => waiting.Needs,
    };

    private IEnumerable<WarmVm> ReadyFor(Waiting next) => _present.Where(vm => vm is { IsReady: true, IsOn: true } && IsFor(vm, next)).OrderBy(vm => vm.IsSaved);

    /// <summary>What of the host's room such a VM takes beyond what it holds.</summary>
    private static Resources Uses(Waiting next, WarmVm vm) => vm.IsSaved ? next.Needs with { Disk = 0, Devices = [] } : Resources.None;

    private List<WarmVm> Fewest(Resources needs, Resources soon, WarmVm? own)
    {
        // Those first that nobody waits for, that have yet to boot, and that are youngest: least is lost with them.
        var all = _present.Where(vm => vm != own).OrderBy(vm => _queue.Any(waiting => IsFor(vm, waiting))).ThenBy(vm => vm.IsReady).ThenByDescending(vm => vm.Since).ToList();
        var enough = Enumerable.Range(1, all.Count).FirstOrDefault(count => Fits(all.Take(count)));
        var go = all.Take(enough).ToList();
        foreach (var vm in go.ToList())
        {
            if (Fits(go.Where(other => other != vm)))
            {
                go.Remove(vm); // another that came later is enough without it
            }
        }

        return go;

        bool Fits(IEnumerable<WarmVm> gone) => needs.Fits(gone.Aggregate(soon, (room, vm) => room.Plus(vm.Holds)));
    }

    private void End(WarmVm vm, string reason)
    {
        _present.Remove(vm);
        _leaving = _leaving.Plus(vm.Holds);
        _ended.Add((vm, reason));
    }
}
