using System.Diagnostics.CodeAnalysis;
using Provisioner.GitHub;
using Provisioner.Server.Configuration;

namespace Provisioner.Server.Vms;

/// <summary>
/// Asks GitHub again and again what became of the runs that VMs are for, and which runners it has, and whose jobs these got. One question at a time, and
/// only while calls are spare: what makes and removes runners goes first.
/// </summary>
internal sealed partial class GitHubWatch(
    RunWatch runs, JobWatch jobs, RunnerWatch runners, GitHubConnection gitHub, ServerOptions options, TimeProvider time, ILogger<GitHubWatch> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (gitHub.Runners is { } there && options.GitHub.RunPeriod > TimeSpan.Zero)
        {
            await Task.Delay(options.GitHub.RunPeriod, time, stoppingToken);
            await TryAsync(() => runs.PassAsync(there.Runs, stoppingToken), stoppingToken);
            await TryAsync(() => jobs.PassAsync(there.Runs, stoppingToken), stoppingToken);
            await TryAsync(() => runners.PassAsync(there, stoppingToken), stoppingToken);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "The loop's edge: one bad pass must not end all passes.")]
    private async Task TryAsync(Func<Task> pass, CancellationToken cancellationToken)
    {
        try
        {
            await pass();
        }
        catch (GitHubException problem)
        {
            LogCouldNotAsk(problem.Message);
        }
        catch (Exception problem) when (!cancellationToken.IsCancellationRequested)
        {
            LogPassFailed(problem);
        }
    }

    [LoggerMessage(LogLevel.Information, "GitHub could not be asked about runs and runners; nothing is concluded from that: {Cause}")]
    private partial void LogCouldNotAsk(string cause);

    [LoggerMessage(LogLevel.Error, "Asking GitHub about runs and runners failed; the next pass tries again")]
    private partial void LogPassFailed(Exception problem);
}
