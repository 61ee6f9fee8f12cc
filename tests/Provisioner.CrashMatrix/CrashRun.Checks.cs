using Provisioner.Contracts;

namespace Provisioner.CrashMatrix;

/// <summary>What must be true when all is over.</summary>
internal sealed partial class CrashRun
{
    private async Task CheckRowsAsync(CancellationToken cancellationToken)
    {
        VmView[] rows = [];
        await InsistAsync(
            async () =>
            {
                try
                {
                    rows = await Caller.ListAsync(Server, cancellationToken);
                    return true;
                }
                catch (HttpRequestException)
                {
                    await Server.Ended.WaitAsync(cancellationToken);
                    return false;
                }
            },
            cancellationToken);
        BrokenPromiseException.Unless(rows.All(row => row.Phase == VmPhase.Gone), $"Rows are left: {string.Join(", ", rows.Select(row => $"{row.Id} {row.Phase}"))}");
        BrokenPromiseException.Unless(rows.Length <= vms.Count, $"There are {rows.Length} rows for {vms.Count} keys.");
        var taken = rows.Select(row => row.Machine).OfType<string>().ToList();
        BrokenPromiseException.Unless(taken.Distinct().Count() == taken.Count, $"A machine was given to two: {string.Join(", ", taken)}");
        BrokenPromiseException.Unless(rows.All(row => row.Failure?.Code != ProblemCode.HardwareAbsent), "Two VMs were given one device.");
        foreach (var vm in vms.Where(vm => vm.IsAnswered))
        {
            BrokenPromiseException.Unless(rows.Count(row => row.Id == vm.Id) == 1, $"{vm.Id} was promised, and has no row.");
        }
    }

    /// <summary>Nobody was promised a stray's end, so nothing tells of it: its files are looked at until they are gone.</summary>
    private async Task AwaitSweepAsync(IReadOnlyList<string> before, CancellationToken cancellationToken)
    {
        while (plan.Point.Way is Way.Sweep or Way.Warm or Way.Saved && !IsAsBefore())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }

        bool IsAsBefore()
        {
            try
            {
                return host.Fingerprint().SequenceEqual(before);
            }
            catch (IOException)
            {
                return false; // a file went while it was looked at
            }
        }
    }

    private async Task CheckNothingLeftAsync(IReadOnlyList<string> before, CancellationToken cancellationToken)
    {
        var after = host.Fingerprint();
        BrokenPromiseException.Unless(after.SequenceEqual(before), $"Files differ: {string.Join(", ", after.Except(before).Concat(before.Except(after)))}");
        var runners = gitHub.Board.Runners(Repository);
        BrokenPromiseException.Unless(runners.Count == 0, $"Registrations are left: {string.Join(", ", runners.Select(runner => runner.Name))}");
        var rest = await host.LeftBesideFilesAsync([.. vms.Select(vm => vm.Id)], cancellationToken);
        BrokenPromiseException.Unless(rest.Count == 0, $"This is left: {string.Join(", ", rest)}");
    }
}
