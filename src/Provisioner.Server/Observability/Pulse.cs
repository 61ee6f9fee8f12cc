namespace Provisioner.Server.Observability;

/// <summary>When the loop that acts for VMs was last heard of. It beats with each step of a pass, and with a pass that only waits for a hypervisor.</summary>
internal sealed class Pulse(TimeProvider time)
{
    private long _last = time.GetTimestamp();

    public TimeSpan Since => time.GetElapsedTime(Interlocked.Read(ref _last));

    public void Beat() => Interlocked.Exchange(ref _last, time.GetTimestamp());
}
