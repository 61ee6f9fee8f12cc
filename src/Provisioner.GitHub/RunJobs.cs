namespace Provisioner.GitHub;

/// <summary>Which runners the jobs of a workflow run have been given to, over all its attempts. GitHub writes that down a moment after the fact.</summary>
/// <param name="Runners">GitHub's ids of these runners.</param>
/// <param name="IsWhole">Whether all jobs were read; what a run with more of them lacks proves nothing.</param>
/// <param name="IsClear">Whether of all that run GitHub says where. If not, one that is not found may yet be among them.</param>
public sealed record RunJobs(IReadOnlySet<long> Runners, bool IsWhole, bool IsClear = true);
