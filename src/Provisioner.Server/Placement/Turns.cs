namespace Provisioner.Server.Placement;

/// <summary>
/// In which order who waits has its turn. Model: repositories take turns, and within one the oldest is first. The turn of a
/// repository dates from when it was served last, or from when its first was asked for if that is later. That date stays while it
/// waits, and everybody who is served or comes meanwhile gets a later one: so each turn comes, and no repository can ask so much that
/// another waits for it. There is nothing to be remembered: the rows have these dates.
/// </summary>
internal static class Turns
{
    public static IReadOnlyList<Waiting> Order(QueueState state) =>
    [
        .. state.Queue
            .GroupBy(waiting => waiting.Repository, StringComparer.OrdinalIgnoreCase)
            .SelectMany(line => Rounds(line, state.LastServed))
            .OrderBy(turn => turn.Round)
            .ThenBy(turn => turn.Date)
            .ThenBy(turn => turn.Waiting.Since)
            .ThenBy(turn => turn.Waiting.Id.Value, StringComparer.Ordinal)
            .Select(turn => turn.Waiting),
    ];

    /// <summary>The first of a repository has its turn in the first round, the second in the second.</summary>
    private static IEnumerable<(Waiting Waiting, int Round, DateTimeOffset Date)> Rounds(
        IGrouping<string, Waiting> line, IReadOnlyDictionary<string, DateTimeOffset> lastServed)
    {
        var ordered = line.OrderBy(waiting => waiting.Since).ThenBy(waiting => waiting.Id.Value, StringComparer.Ordinal).ToList();
        var asked = ordered[0].Since;
        var date = lastServed.TryGetValue(line.Key, out var served) && served > asked ? served : asked;
        return ordered.Select((waiting, round) => (waiting, round, date));
    }
}
