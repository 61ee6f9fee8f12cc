namespace Provisioner.Server.Placement;

/// <summary>What placing decides by where machines are kept warm.</summary>
/// <param name="Vms">Those that there are, the ones that leave too.</param>
/// <param name="Goals">Those that there should be.</param>
/// <param name="Failures">Those that failed within <see cref="WarmFailure.Memory"/>.</param>
internal sealed record WarmState(IReadOnlyList<WarmVm> Vms, IReadOnlyList<WarmGoal> Goals, IReadOnlyList<WarmFailure> Failures)
{
    /// <summary>For how long nothing is made because somebody has taken one and is not online yet.</summary>
    public static readonly TimeSpan Hurry = TimeSpan.FromSeconds(15);

    public static WarmState None { get; } = new([], [], []);

    /// <summary>Somebody has just taken one: booting another now would take the processors from the runner that is to come online within seconds.</summary>
    public bool IsHurried { get; init; }
}
