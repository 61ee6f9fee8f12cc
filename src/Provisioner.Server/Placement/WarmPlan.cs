using Provisioner.Hypervisors;

namespace Provisioner.Server.Placement;

/// <summary>What is to be kept warm, and what is known of it that is in no row.</summary>
/// <param name="Goals">As the configuration and the images are now.</param>
/// <param name="IsOn">Whether a machine was seen running.</param>
/// <param name="MaxAge">How old one may become.</param>
internal sealed record WarmPlan(IReadOnlyList<WarmGoal> Goals, Func<VmId, bool> IsOn, TimeSpan MaxAge);
