using Provisioner.Contracts;
using Provisioner.GitHub;
using Provisioner.Server.Vms;
using static Provisioner.Tests.Server.Rows;

namespace Provisioner.Tests.Server;

public sealed class RemovalAnswerTests
{
    [Theory]
    [InlineData(null, 29, true)] // somebody deleted it: the job may end within half a minute
    [InlineData(null, 30, false)]
    [InlineData(ProblemCode.LifetimeOver, 30, false)]
    [InlineData(ProblemCode.NoJob, 3600, true)] // it got its job just as it was given up
    [InlineData(ProblemCode.GuestSilent, 3600, true)] // nobody heard it get its job
    [InlineData(ProblemCode.GuestSilent, 7200, false)] // but not beyond its lifetime
    public void A_machine_whose_runner_works_is_kept_as_long_as_its_job_may_count(string? failure, int seconds, bool kept)
    {
        var vm = Vm() with
        {
            Registration = Registration.Held, ExpiresAt = Noon.AddHours(2), Failure = failure is null ? null : new VmFailure(failure, "", ""),
        };

        Assert.Equal(kept, new RemovalAnswer(RunnerRemoval.Busy).KeepsMachine(vm, TimeSpan.FromSeconds(seconds), Noon.AddSeconds(seconds)));
    }

    [Fact]
    public void A_machine_whose_guest_has_said_that_its_job_is_done_is_not_kept() =>
        Assert.False(new RemovalAnswer(RunnerRemoval.Busy).KeepsMachine(Vm() with { Registration = Registration.Held, DoneAt = Noon }, TimeSpan.Zero, Noon));
}
