namespace Provisioner.Server.Vms;

/// <summary>What should be: decided by callers and deadlines, kept in the store.</summary>
internal enum Wanted
{
    Present,
    Gone,
}
