namespace Provisioner.Server.Vms;

/// <summary>
/// The one place that decides what happens next. Read it as a table: what is wanted, what is seen, what may stand at GitHub.
/// The registration goes before the VM, so that GitHub gives no job to a machine that is about to vanish; where GitHub does
/// not let it go, the VM goes all the same and the registration after it.
/// </summary>
internal static class VmTransitions
{
    public static VmAction Next(Wanted wanted, Seen seen, Registration registration) => wanted switch
    {
        Wanted.Present => seen switch
        {
            Seen.Absent => VmAction.Clone,
            Seen.Fresh => VmAction.Start,
            Seen.Booting => VmAction.None,
            Seen.Waiting => VmAction.Register,
            Seen.Warm => VmAction.None,
            Seen.Saving => VmAction.Save,
            Seen.Saved => VmAction.None,
            Seen.Working => VmAction.None,
            Seen.GaveUp => VmAction.Fail,
            Seen.Ended => VmAction.Retire,
            Seen.Lost => VmAction.Fail,
            Seen.Broken => VmAction.Fail,
        },
        Wanted.Gone => registration switch
        {
            Registration.Held => VmAction.Unregister,
            Registration.Deferred => seen is Seen.Absent or Seen.Lost ? VmAction.Unregister : VmAction.Remove,
            Registration.None => seen is Seen.Absent or Seen.Lost ? VmAction.Close : VmAction.Remove,
        },
    };
}
