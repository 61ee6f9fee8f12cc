namespace Provisioner.GitHub;

/// <summary>What GitHub says about a run. An attempt that is over stays so; the conclusion is GitHub's own word, such as `cancelled`.</summary>
public sealed record RunState(bool IsOver, string? Conclusion);
