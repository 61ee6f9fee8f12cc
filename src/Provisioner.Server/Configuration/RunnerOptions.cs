namespace Provisioner.Server.Configuration;

/// <summary>How old the runner of an image may be: GitHub refuses jobs to runners that are more than 30 days behind their newest release.</summary>
internal sealed record RunnerOptions
{
    /// <summary>From this age on the log and <c>image list</c> say that the image should be refreshed.</summary>
    public TimeSpan WarnAge { get; set; } = TimeSpan.FromDays(21);

    /// <summary>From this age on the image cannot be asked for; zero for never.</summary>
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Who is asked for the newest release of the runner and its checksum, as GitHub's REST API tells them.</summary>
    public string Releases { get; set; } = "https://api.github.com/repos/actions/runner/releases/";
}
