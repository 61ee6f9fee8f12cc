using System.Text.Json;

namespace Provisioner.Hypervisors.Qemu;

/// <summary>A command that QEMU answers at once and works on afterwards, followed to its end. https://www.qemu.org/docs/master/interop/qemu-qmp-ref.html, "Background jobs".</summary>
internal sealed class QmpJob(QmpConnection qmp, TimeProvider time)
{
    private const string Name = "vbdp";
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    /// <exception cref="IOException">QEMU refused the command, or could not do it.</exception>
    public async Task RunAsync(string command, QmpArguments arguments, CancellationToken cancellationToken)
    {
        await EndAsync(cancellationToken); // that of a server that died in the middle of it
        await qmp.ExecuteAsync(command, arguments with { JobId = Name }, cancellationToken);
        if (await EndAsync(cancellationToken) is { } job && job.TryGetProperty("error", out var error))
        {
            throw new IOException($"QEMU's {command} failed: {error.GetString()}");
        }
    }

    /// <summary>Waits for the job's end, and gives what QEMU says of it; null when there is none.</summary>
    private async Task<JsonElement?> EndAsync(CancellationToken cancellationToken)
    {
        while (await FindAsync(cancellationToken) is { } job)
        {
            if (job.GetProperty("status").GetString() == "concluded")
            {
                await qmp.ExecuteAsync("job-dismiss", new QmpArguments { Id = Name }, cancellationToken);
                return job;
            }

            await Task.Delay(Pace, time, cancellationToken);
        }

        return null;
    }

    private async Task<JsonElement?> FindAsync(CancellationToken cancellationToken) =>
        (await qmp.ExecuteAsync("query-jobs", cancellationToken)).Return!.Value.EnumerateArray()
            .Select(job => (JsonElement?)job).SingleOrDefault(job => job!.Value.GetProperty("id").GetString() == Name);
}
