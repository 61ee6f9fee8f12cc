namespace Provisioner.Server.Placement;

/// <summary>The room that those who wait leave to those whose turn is before theirs.</summary>
internal sealed class KeptRoom
{
    private readonly Dictionary<string, Waiting> _firstOfRepository = new(StringComparer.OrdinalIgnoreCase);
    private Resources _forAll = Resources.None;
    private Waiting? _longest;

    /// <summary>What is not for one because others come before it.</summary>
    public Resources Before(Waiting next) =>
        _firstOfRepository.TryGetValue(next.Repository, out var first) && first != _longest ? _forAll.Plus(first.Needs) : _forAll;

    /// <param name="waiting">Who found no room.</param>
    /// <param name="free">The room that there was.</param>
    /// <param name="isPatienceOver">Whether nobody may overtake it any more.</param>
    public void Add(Waiting waiting, Resources free, bool isPatienceOver)
    {
        _firstOfRepository.TryAdd(waiting.Repository, waiting);
        if (!isPatienceOver)
        {
            return;
        }

        // Who lacks a device alone has the rest when the device is free again; to keep that for it would make others wait for nothing.
        var lacksAmount = !(waiting.Needs with { Devices = [] }).Fits(free);
        if (lacksAmount && _longest is null)
        {
            _longest = waiting;
            _forAll = _forAll.Plus(waiting.Needs);
        }
        else
        {
            _forAll = _forAll.Plus(Resources.None with { Devices = waiting.Needs.Devices });
        }
    }
}
