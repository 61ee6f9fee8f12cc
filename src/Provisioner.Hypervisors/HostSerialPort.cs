namespace Provisioner.Hypervisors;

/// <summary>A serial port of this host.</summary>
/// <param name="Path">By which it is best named: one that stays the same when ports come and go, where there is one.</param>
/// <param name="Target">The device behind that path.</param>
public sealed record HostSerialPort(string Path, string Target);
