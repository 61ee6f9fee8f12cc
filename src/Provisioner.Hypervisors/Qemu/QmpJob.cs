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
        await qmp.ExecuteAsync(command, arguments with { JobId = Name }, cancellationToken);
        JsonElement job;
        while ((job = await FindAsync(cancellationToken)).GetProperty("status").GetString() != "concluded")
        {
            await Task.Delay(Pace, time, cancellationToken);
        }

        await qmp.ExecuteAsync("job-dismiss", new QmpArguments { Id = Name }, cancellationToken);
        if (job.TryGetProperty("error", out var error))
        {
            throw new IOException($"QEMU's {command} failed: {error.GetString()}");
        }
    }

    private async Task<JsonElement> FindAsync(CancellationToken cancellationToken) =>
        (await qmp.ExecuteAsync("query-jobs", cancellationToken)).Return!.Value.EnumerateArray().Single(job => job.GetProperty("id").GetString() == Name);
}
