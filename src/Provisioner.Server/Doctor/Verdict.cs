namespace Provisioner.Server.Doctor;

/// <summary>How something stands: <see cref="Warn"/> will bite some day or some callers, <see cref="Fail"/> keeps VMs from becoming runners.</summary>
internal enum Verdict
{
    Ok,
    Warn,
    Fail,
}
