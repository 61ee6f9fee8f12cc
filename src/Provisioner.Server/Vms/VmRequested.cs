using Provisioner.GitHub;

namespace Provisioner.Server.Vms;

/// <summary>What a caller may change of a VM that stands. Pure: the same row and words give the same row.</summary>
internal static class VmRequested
{
    extension(Vm vm)
    {
        /// <summary>It shall live until a time; never less long than before.</summary>
        public Vm Extended(DateTimeOffset until) =>
            vm.Wanted == Wanted.Gone || until <= vm.ExpiresAt ? vm : vm with { ExpiresAt = until };

        /// <summary>
        /// The same VM was asked for again. A later attempt at its run takes it over; but where another run wants it too, or nobody
        /// knows which one wants it, the end of one run must not take it away from the other.
        /// </summary>
        public Vm AskedForAgain(WorkflowRun? run) => vm.Run is not { } before || run == before ? vm
            : run is { } again && again.Id == before.Id ? vm with { Run = before with { Attempt = Math.Max(before.Attempt, again.Attempt) } }
            : vm with { Run = null };
    }
}
