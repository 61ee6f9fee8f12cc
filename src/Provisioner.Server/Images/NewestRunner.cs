using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Provisioner.Server.Configuration;
using Provisioner.Server.Images.Building;

namespace Provisioner.Server.Images;

/// <summary>
/// The newest release of the runner, for clones that install it at boot. It is asked for when somebody needs it and at most once an hour,
/// after a failure every five minutes; the last answer counts until there is a newer one, also across a restart.
/// </summary>
internal sealed class NewestRunner(RunnerOptions options, KeptRunner kept, TimeProvider time)
{
    /// <summary>How long an answer is fresh.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromHours(1);

    /// <summary>How long it is not asked again after a failure.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private Task? _asking;
    private long _askedAt;
    private TimeSpan _rest;
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
            if (_asking is null)
            {
                _last = kept.Read();
            }

            if (_asking is null || (_asking.IsCompleted && time.GetElapsedTime(_askedAt) >= _rest))
            {
                (_askedAt, _rest) = (time.GetTimestamp(), Pause);
                _asking = Task.Run(AskAsync);
            }

            return _asking;
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The edge of the asking: whatever goes wrong is told to those who need the answer, and asked again.")]
    private async Task AskAsync()
    {
        try
        {
            using var http = new HttpClient { Timeout = Patience };
            http.DefaultRequestHeaders.UserAgent.ParseAdd($"virtualbox-provisioner/{Assembly.GetExecutingAssembly().GetName().Version}");
            var found = await RunnerRelease.FindAsync(new Downloads("", http, _ => { }), options.Releases, version: null, CancellationToken.None);
            _last = found;
            lock (_gate)
            {
                _rest = Fresh;
            }

            kept.Write(found);
        }
        catch (OperationCanceledException)
        {
            _problem = $"{options.Releases} did not answer within {Patience.TotalSeconds:0} s";
        }
        catch (Exception problem)
        {
            _problem = problem.Message;
        }
    }
}
