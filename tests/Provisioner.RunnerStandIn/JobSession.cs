namespace Provisioner.RunnerStandIn;

/// <summary>A running job, beside which the poll goes on as "Busy": that is how a cancellation arrives.</summary>
internal sealed class JobSession(string root, RunnerSettings settings, Terminal terminal, TimeProvider time)
{
    private static readonly TimeSpan AfterPollError = TimeSpan.FromSeconds(15);

    public async Task RunAsync(Job job, RunService service, Broker broker, LogUpload upload, StopRequest stop)
    {
        terminal.Running(job.Name);
        using var cancelled = new CancellationTokenSource();
        using var over = new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancelled.Token, stop.Token);
        var watching = WatchAsync(broker, cancelled, over.Token);
        var result = await new JobRun(job, service, upload, time).RunAsync(
            Folder(job), settings.AgentName, () => cancelled.IsCancellationRequested ? JobResult.Canceled : JobResult.Failed, either.Token);
        await over.CancelAsync();
        await watching;
        if (result is { } ended)
        {
            terminal.Completed(job.Name, ended.ToString());
        }
    }

    private static string RepositoryName(Job job) => Path.GetFileName(job.GitHub("repository")) is { Length: > 0 } name ? name : "job";

    private string Folder(Job job)
    {
        var name = RepositoryName(job);
        return Directory.CreateDirectory(Path.Combine(root, settings.WorkFolder, name, name)).FullName;
    }

    private async Task WatchAsync(Broker broker, CancellationTokenSource cancelled, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            try
            {
                if (await broker.PollAsync("Busy", over) is { IsCancellation: true })
                {
                    await cancelled.CancelAsync();
                }
            }
            catch (OperationCanceledException) when (over.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is ServiceException or HttpRequestException or OperationCanceledException)
            {
                await Task.Delay(AfterPollError, time, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
