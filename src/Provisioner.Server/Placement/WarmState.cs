namespace Provisioner.Server.Placement;

/// <summary>What placing decides by where machines are kept warm.</summary>
/// <param name="Vms">Those that there are, the ones that leave too.</param>
/// <param name="Goals">Those that there should be.</param>
/// <param name="Failures">Those that failed within <see cref="WarmFailure.Memory"/>.</param>
internal sealed record WarmState(IReadOnlyList<WarmVm> Vms, IReadOnlyList<WarmGoal> Goals, IReadOnlyList<WarmFailure> Failures)
{
    public static WarmState None { get; } = new([], [], []);
}
