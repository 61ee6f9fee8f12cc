using System.Security.Cryptography;
using Provisioner.Server.Audit;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;

namespace Provisioner.Server.Access;

/// <summary>
/// Keeps the policy as its file is. It reads the whole file each time: it is small, and its time and length tell nothing where a link was
/// turned or a copy put back. A file that is broken changes nothing, and is spoken of once. The audit log is told first: no policy is in force
/// of which it knows nothing.
/// </summary>
internal sealed partial class PolicyWatch(
    AccessPolicy policy, AuditTable audit, ServerOptions options, TimeProvider time, ILogger<PolicyWatch> logger) : BackgroundService
{
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private PeriodicTimer? _timer;
    private byte[]? _text;
    private string? _problem;

    /// <summary>The first look is before the server listens.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.PolicyFile is { } file)
        {
            Look(file);
            _timer = new PeriodicTimer(Period, time);
        }

        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _timer?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (_timer is not null && await _timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                Look(options.PolicyFile!);
            }
            catch (StoreException problem)
            {
                LogNotWritten(options.PolicyFile!, problem.Message);
            }
        }
    }

    private void Look(string file)
    {
        var (text, problem) = PolicyFile.Load(file);
        if ((_text ?? (object?)_problem) is not null && problem == _problem && text.AsSpan().SequenceEqual(_text))
        {
            return;
        }

        var (rules, errors) = text is null ? (null, [problem!]) : PolicyFile.Parse(text);
        var broken = string.Join(" | ", errors);
        audit.Append(new AuditEntry($"server:{options.HostName}", rules is null ? AuditAction.PolicyRefused : AuditAction.PolicyLoaded)
        {
            Target = file,
            Outcome = rules is null ? "broken" : AuditEntry.Done,
            Detail = rules is null ? broken : $"{rules.Count} rules, SHA-256 {Convert.ToHexStringLower(SHA256.HashData(text!))}",
        });
        (_text, _problem) = (text, problem);
        if (rules is null)
        {
            LogBroken(file, broken);
            return;
        }

        policy.Take(rules);
        LogTaken(file, rules.Count);
    }

    [LoggerMessage(LogLevel.Information, "Took the policy of {File}: {Count} rules")]
    private partial void LogTaken(string file, int count);

    [LoggerMessage(LogLevel.Error, "The policy {File} is broken, and the one before it stays in force. Mend the file; it is looked at again. {Errors}")]
    private partial void LogBroken(string file, string errors);

    [LoggerMessage(LogLevel.Warning, "The policy {File} has changed, and the audit log cannot be told: the one before it stays in force until it can. {Cause}")]
    private partial void LogNotWritten(string file, string cause);
}
