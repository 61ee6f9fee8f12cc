using System.Reflection;
using Provisioner.Server.Configuration;
using Provisioner.Server.Images.Building;

namespace Provisioner.Server.Images;

/// <summary>
/// The newest release of the runner, for clones that install it at boot. It is asked for when somebody needs it and at most once an hour,
/// after a failure every five minutes; the last answer counts until there is a newer one.
/// </summary>
internal sealed class NewestRunner(RunnerOptions options, TimeProvider time)
{
    /// <summary>How long an answer is fresh.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromHours(1);

    /// <summary>How long it is not asked again after a failure.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private Task _asking = Task.CompletedTask;
    private DateTimeOffset _next = DateTimeOffset.MinValue;
    private volatile RunnerSource? _last;
    private volatile string _problem = "it was not asked yet";

    /// <summary>The last answer; null if there was none. A fresh one is on its way when this is old.</summary>
    public RunnerSource? Last
    {
        get
        {
            _ = AskInTime();
            return _last;
        }
    }

    /// <summary>The last answer, or the first one when it is there.</summary>
    /// <exception cref="ImageException">There is none, and this is why.</exception>
    public async Task<RunnerSource> FindAsync(CancellationToken cancellationToken)
    {
        var asking = AskInTime();
        if (_last is null)
        {
            await asking.WaitAsync(cancellationToken);
        }

        return _last ?? throw new ImageException($"the newest runner is not known, for {_problem}");
    }

    private Task AskInTime()
    {
        lock (_gate)
        {
            if (_asking.IsCompleted && time.GetUtcNow() >= _next)
            {
                _next = time.GetUtcNow() + Pause;
                _asking = Task.Run(AskAsync);
            }

            return _asking;
        }
    }

    private async Task AskAsync()
    {
        using var http = new HttpClient { Timeout = Patience };
        http.DefaultRequestHeaders.UserAgent.ParseAdd($"virtualbox-provisioner/{Assembly.GetExecutingAssembly().GetName().Version}");
        try
        {
            _last = await RunnerRelease.FindAsync(new Downloads("", http, _ => { }), options.Releases, version: null, CancellationToken.None);
            lock (_gate)
            {
                _next = time.GetUtcNow() + Fresh;
            }
        }
        catch (ImageException problem)
        {
            _problem = problem.Message;
        }
        catch (OperationCanceledException)
        {
            _problem = $"{options.Releases} did not answer within {Patience.TotalSeconds:0} s";
        }
    }
}
