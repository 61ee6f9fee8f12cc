namespace Provisioner.Hypervisors;

/// <summary>Something happened to a machine.</summary>
/// <param name="Id">Which machine.</param>
/// <param name="Report">What its guest reported; null when its power state may have changed, so that a listing is due.</param>
public sealed record VmObservation(VmId Id, GuestReport? Report);
