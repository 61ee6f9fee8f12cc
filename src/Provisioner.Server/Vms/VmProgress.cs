using Provisioner.Contracts;
using Provisioner.Hypervisors;

namespace Provisioner.Server.Vms;

/// <summary>How a row changes. Pure: the same row and words give the same row.</summary>
internal static class VmProgress
{
    extension(Vm vm)
    {
        public Vm In(VmPhase phase, string reason) => vm with { Phase = phase, Reason = reason };

        /// <summary>The VM is not wanted any more. Wanting this twice changes nothing.</summary>
        public Vm NotWanted(string reason) =>
            vm.Wanted == Wanted.Gone ? vm : (vm with { Wanted = Wanted.Gone }).In(VmPhase.Deleting, reason);

        /// <summary>The VM failed and is not wanted any more. The first failure is the one that tells the cause.</summary>
        public Vm Failed(VmFailure failure) =>
            vm.Wanted == Wanted.Gone ? vm : (vm with { Failure = failure }).NotWanted(failure.Cause);

        /// <summary>Its machine is certainly gone: others may have its place.</summary>
        public Vm Released(DateTimeOffset now) => vm with { ReleasedAt = vm.ReleasedAt ?? now };

        /// <summary>The guest said something. Guests only go forward: an older word that arrives again changes nothing.</summary>
        public Vm Reported(GuestReport report, DateTimeOffset now)
        {
            if (report.Phase <= vm.Guest || vm.Wanted == Wanted.Gone)
            {
                return vm;
            }

            var seen = vm with { Guest = report.Phase };
            return report.Phase switch
            {
                GuestPhase.Ready => (seen with { ReadyAt = now }).In(VmPhase.Registering, "The guest has booted and waits for its registration."),
                GuestPhase.Configuring => seen.In(VmPhase.Registering, "The guest starts the runner."),
                GuestPhase.Online => (seen with { OnlineAt = now }).In(VmPhase.Online, "The runner is online and waits for its job."),
                GuestPhase.Busy => (seen with { OnlineAt = vm.OnlineAt ?? now, BusyAt = now }).In(VmPhase.Busy, "The runner works on its job."),
                GuestPhase.Done => (seen with { DoneAt = now }).In(vm.Phase, "The job has ended; the guest powers off."),
                GuestPhase.Failed => seen with { Reason = $"The guest gave up: {report.Detail}" },
            };
        }
    }
}
