using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.Tests.VirtualBox;

/// <summary>What a real VBoxManage printed is an answer to what it was asked; nothing, half of it, and noise are none.</summary>
public sealed class VBoxAnswerTests
{
    [Theory]
    [InlineData("showvminfo x --machinereadable", "showvminfo-mr")]
    [InlineData("showvminfo x --machinereadable", "showvminfo-mr-name-newline")]
    [InlineData("getextradata x y", "getextradata-missing")]
    [InlineData("guestproperty enumerate x", "guestproperty-enumerate")]
    [InlineData("guestproperty enumerate x", "guestproperty-enumerate-none")]
    [InlineData("guestproperty enumerate x", "guestproperty-enumerate-old")]
    [InlineData("--version", "version")]
    public void What_was_recorded_is_an_answer_and_what_is_empty_or_noise_is_none(string command, string sample)
    {
        var arguments = command.Split(' ');

        Assert.True(new VBoxResult(0, Sample.Read(sample), "").Answers(arguments));
        Assert.False(new VBoxResult(0, "", "").Answers(arguments));
        Assert.False(new VBoxResult(0, "\u0001\ufffd\ufffd = \ufffd\n\ufffd", "").Answers(arguments));
    }

    [Theory]
    [InlineData("showvminfo x --machinereadable", "showvminfo-mr")]
    [InlineData("guestproperty enumerate x", "guestproperty-enumerate")]
    public void Half_of_it_is_none(string command, string sample)
    {
        var whole = Sample.Read(sample).TrimEnd();

        Assert.False(new VBoxResult(0, whole[..(whole.Length / 2)].TrimEnd('\n'), "").Answers(command.Split(' ')));
    }

    [Fact]
    public void A_list_may_be_empty_and_an_error_needs_no_answer()
    {
        Assert.True(new VBoxResult(0, "", "").Answers(["list", "vms"]));
        Assert.True(new VBoxResult(1, "", "VBoxManage: error: no").Answers(["showvminfo", "x"]));
        Assert.False(VBoxResult.NoAnswer.Succeeded);
    }
}
