namespace Provisioner.Client.Api;

/// <summary>Tries again what may succeed in a moment, about a quarter of a minute in all: a server that restarts is back by then.</summary>
internal sealed class Retries(TimeProvider time, Action<string> notice)
{
    private static readonly TimeSpan[] Pauses = [.. new[] { 0.5, 1, 2, 4, 8 }.Select(TimeSpan.FromSeconds)];
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> attempt, CancellationToken cancellation)
    {
        for (var failed = 0; ; failed++)
        {
            try
            {
                return await attempt(cancellation);
            }
            catch (ClientException error) when (error.Transient && failed < Pauses.Length && !(error.RetryAfter > LongestPause))
            {
                var pause = error.RetryAfter ?? Pauses[failed];
                notice($"{error.Cause} Trying again in {pause.TotalSeconds:0.#} s.");
                await Task.Delay(pause, time, cancellation);
            }
        }
    }
}
