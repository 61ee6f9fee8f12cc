namespace Provisioner.Client.Api;

/// <summary>
/// The delete of somebody who has only seconds left. No attempt may use them all up, each has a connection of its own (the one in use
/// may be what is dead), and what fails is tried again until they are over. What it cannot do, the VM's lifetime does.
/// </summary>
internal sealed class PartingDelete(VmApi api, TimeProvider time)
{
    // A cancelled step has 7.5 s from SIGINT to SIGTERM and 2.5 s more to SIGKILL.
    private static readonly TimeSpan TimeLeft = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestAttempt = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>What to tell of it. <paramref name="mayStillCome"/>: a request for the VM may be on its way, so the server is asked until it knows the VM.</summary>
    public async Task<string> RunAsync(string id, bool mayStillCome)
    {
        using var budget = new CancellationTokenSource(TimeLeft, time);
        try
        {
            while (await AttemptAsync(id, mayStillCome, budget.Token) is not true)
            {
                await Task.Delay(Pause, time, budget.Token);
            }

            return $"VM {id} is being deleted.";
        }
        catch (Exception error) when (error is OperationCanceledException or ClientException)
        {
            return $"VM {id} could not be deleted now{(error is ClientException { Cause: var cause } ? $" ({cause.TrimEnd('.')})" : "")}. If it exists, the server removes it when its lifetime is over.";
        }
    }

    /// <summary>False where another attempt may do better.</summary>
    private async Task<bool> AttemptAsync(string id, bool mayStillCome, CancellationToken budget)
    {
        using var fresh = api.Anew();
        using var limit = new CancellationTokenSource(LongestAttempt, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(budget, limit.Token);
        try
        {
            return await fresh.DeleteAsync(id, either.Token) is not null || !mayStillCome;
        }
        catch (ClientException error) when (error.Transient)
        {
            return false;
        }
        catch (OperationCanceledException) when (!budget.IsCancellationRequested)
        {
            return false;
        }
    }
}
