using Provisioner.Server.Store;

namespace Provisioner.Server.Audit;

/// <summary>
/// Once a minute, and when the server stops, writes what is not written at once: counted refusals, and when tokens were used. Once an hour,
/// and at the start and the end, it logs a checkpoint of the audit log, against which the log can be held later.
/// </summary>
internal sealed partial class RecordKeeping(
    AuditTable audit, Refusals refusals, TokenTable tokens, TimeProvider time, ILogger<RecordKeeping> logger) : BackgroundService
{
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);
    private const int PeriodsToCheckpoint = 60;

    private PeriodicTimer? _timer;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Try(Checkpoint);
        _timer = new PeriodicTimer(Period, time);
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Write();
        Try(Checkpoint);
    }

    public override void Dispose()
    {
        _timer?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var passed = 1; await _timer!.WaitForNextTickAsync(stoppingToken); passed++)
        {
            Write();
            if (passed % PeriodsToCheckpoint == 0)
            {
                Try(Checkpoint);
            }
        }
    }

    private void Write()
    {
        Try(tokens.WriteUses);
        Try(refusals.Write);
    }

    private void Checkpoint() => LogCheckpoint(audit.Last());

    private void Try(Action act)
    {
        try
        {
            act();
        }
        catch (StoreException problem)
        {
            LogNotWritten(problem.Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "Audit checkpoint {Checkpoint}")]
    private partial void LogCheckpoint(AuditMark checkpoint);

    [LoggerMessage(LogLevel.Warning, "What the audit log and the tokens are to say of the last minute could not be written; the next one tries again: {Cause}")]
    private partial void LogNotWritten(string cause);
}
