using Provisioner.Server.Vms;

namespace Provisioner.Tests.Server;

/// <summary>The whole table, row by row: a change of one cell must be a change of this file.</summary>
public sealed class VmTransitionsTests
{
    [Theory]
    [InlineData("Absent", "Clone")]
    [InlineData("Fresh", "Start")]
    [InlineData("Booting", "None")]
    [InlineData("Waiting", "Register")]
    [InlineData("Warm", "None")]
    [InlineData("Working", "None")]
    [InlineData("GaveUp", "Fail")]
    [InlineData("Ended", "Retire")]
    [InlineData("Lost", "Fail")]
    [InlineData("Broken", "Fail")]
    public void A_wanted_vm_is_brought_one_step_further(string seen, string action)
    {
        foreach (var registration in Enum.GetValues<Registration>())
        {
            Assert.Equal(Enum.Parse<VmAction>(action), VmTransitions.Next(Wanted.Present, Enum.Parse<Seen>(seen), registration));
        }
    }

    [Theory]
    [InlineData("None", "Close")]
    [InlineData("Held", "Unregister")]
    [InlineData("Deferred", "Unregister")]
    public void When_no_machine_is_left_the_registration_goes_and_the_record_is_closed(string registration, string action)
    {
        foreach (var seen in new[] { Seen.Absent, Seen.Lost })
        {
            Assert.Equal(Enum.Parse<VmAction>(action), VmTransitions.Next(Wanted.Gone, seen, Enum.Parse<Registration>(registration)));
        }
    }

    [Fact]
    public void An_unwanted_machine_goes_after_its_registration_and_does_not_wait_for_one_that_GitHub_keeps()
    {
        foreach (var seen in Enum.GetValues<Seen>().Except([Seen.Absent, Seen.Lost]))
        {
            Assert.Equal(VmAction.Unregister, VmTransitions.Next(Wanted.Gone, seen, Registration.Held));
            Assert.Equal(VmAction.Remove, VmTransitions.Next(Wanted.Gone, seen, Registration.Deferred));
            Assert.Equal(VmAction.Remove, VmTransitions.Next(Wanted.Gone, seen, Registration.None));
        }
    }
}
