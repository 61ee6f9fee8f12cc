namespace Provisioner.GitHub;

/// <summary>What removing a runner came to. A busy runner stays: ask again when its job has ended.</summary>
public enum RunnerRemoval
{
    Removed,
    AlreadyGone,
    Busy,

    /// <summary>GitHub knows no such runner, but shows us nothing else of the repository either: it may be there, hidden.</summary>
    Unseen,
}
