using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.Tests.VirtualBox;

/// <summary>What each error that was recorded from a real VBoxManage means to us: whether anything was done, and whether it is worth asking again.</summary>
public sealed class VBoxErrorTests
{
    [Theory(Timeout = 10_000)]
    [InlineData("err-unknown-vm", 1, "VBOX_E_OBJECT_NOT_FOUND", "not found")]
    [InlineData("err-missing-snapshot", 1, "VBOX_E_OBJECT_NOT_FOUND", "not found")]
    [InlineData("err-locked-unregister", 1, "VBOX_E_INVALID_OBJECT_STATE", "locked")]
    [InlineData("err-locked-modify", 1, "VBOX_E_INVALID_OBJECT_STATE", "locked")]
    [InlineData("err-locked-start", 1, "VBOX_E_INVALID_OBJECT_STATE", "locked")]
    [InlineData("err-dup-name", 1, "VBOX_E_FILE_ERROR", "")]
    [InlineData("err-controlvm-notrunning", 1, "", "")]
    [InlineData("err-startvm-nodriver", 1, "NS_ERROR_FAILURE", "")]
    [InlineData("err-gp-toolong", 1, "NS_ERROR_INVALID_ARG", "")]
    [InlineData("err-transient-off", 1, "NS_ERROR_INVALID_ARG", "")]
    [InlineData("err-usage-bogus", 2, "", "")]
    [InlineData("err-nic9", 0, "", "")]
    [InlineData("gp-wait-timeout", 0, "", "")]
    [InlineData("gp-wait-timeout-fail", 2, "", "")]
    public void A_recorded_error_is_a_failure_of_one_kind(string sample, int exitCode, string code, string kind)
    {
        var result = new VBoxResult(exitCode, "", Sample.Read(sample + ".stderr"));

        Assert.False(result.Succeeded);
        Assert.Equal(code, result.Code);
        Assert.Equal(kind, Kind(result));
    }

    [Theory(Timeout = 10_000)]
    [InlineData("The object functionality is limited", "code E_ACCESSDENIED (0x80070005)", "inaccessible")]
    [InlineData("The object is not ready", "code E_ACCESSDENIED (0x80070005)", "in transition")]
    [InlineData("The session is not locked (session state: Unlocked)", "code VBOX_E_INVALID_SESSION_STATE (0x80bb000b)", "in transition")]
    [InlineData("Failed to assign the machine to the session (E_ACCESSDENIED)", "code VBOX_E_VM_ERROR (0x80bb0003)", "in transition")]
    [InlineData("Failed to create the VirtualBox object!", "Code NS_ERROR_FAILURE (0x80004005)", "never connected")]
    [InlineData("Failed to create the VirtualBox object!", "Code NS_ERROR_FACTORY_NOT_REGISTERED (0x80040154)", "never connected")]
    [InlineData("Failed to create the VirtualBox object!", "Code NS_BASE_STREAM_WOULD_BLOCK (0x80470007)", "never connected")]
    [InlineData("Clone VM failed", "Code NS_ERROR_ABORT (0x80004004) - Operation aborted (extended info not available)", "lost service")]
    [InlineData("Clone VM failed", "Code VBOX_E_FILE_ERROR (0x80BB0004) - File not accessible or erroneous file contents (extended info not available)", "")]
    [InlineData("Clone VM failed", "Code VBOX_E_IPRT_ERROR (0x80BB0005) - Runtime subsystem error (extended info not available)", "")]
    [InlineData("VDI: cannot create image '/srv/a.vdi' (VERR_ALREADY_EXISTS)", "Details: code VBOX_E_FILE_ERROR (0x80bb0004), component MediumWrap", "")]
    public void Errors_that_cannot_be_made_at_will_are_known_too(string message, string details, string kind)
    {
        var result = new VBoxResult(1, "", $"VBoxManage: error: {message}\nVBoxManage: error: {details}\n");

        Assert.False(result.Succeeded);
        Assert.Equal(message, result.Message);
        Assert.Equal(kind, Kind(result));
    }

    [Theory(Timeout = 10_000)]
    [InlineData(1)]
    [InlineData(133)]
    [InlineData(139)]
    [InlineData(137)]
    [InlineData(143)]
    public void A_program_that_died_without_a_word_has_failed_and_says_how(int exitCode)
    {
        var result = new VBoxResult(exitCode, "", "");

        Assert.False(result.Succeeded);
        Assert.Equal($"exit code {exitCode}", result.Message);
        Assert.Equal("mute", Kind(result));
    }

    // Where the language is merely missing, the command is carried out.
    [Theory(Timeout = 10_000)]
    [InlineData(1, "", "mute")]
    [InlineData(139, "", "never connected, mute")]
    [InlineData(133, "!!Assertion Failed!!\n", "mute")]
    [InlineData(143, "", "mute")]
    [InlineData(1, "VBoxManage: error: Clone VM failed\nVBoxManage: error: Code NS_ERROR_ABORT (0x80004004) - Operation aborted (extended info not available)\n", "lost service")]
    [InlineData(1, "VBoxManage: error: Code NS_ERROR_CALL_FAILED (0x800706be) - Call to remote object failed (extended info not available)\n", "")]
    [InlineData(0, "", "")]
    public void A_service_that_was_killed_as_it_started_did_nothing_where_VBoxManage_crashed_after_its_greeting(int exitCode, string more, string kind)
    {
        var result = new VBoxResult(exitCode, "", "VBoxManage: warning: Failed to load API language: NS_ERROR_INVALID_ARG\n" + more);

        Assert.Equal(exitCode == 0, result.Succeeded);
        Assert.Equal(kind, Kind(result));
    }

    [Theory(Timeout = 10_000)]
    [InlineData("ok-clone-linked")]
    [InlineData("ok-unregister")]
    public void Progress_is_no_error(string sample) => Assert.True(new VBoxResult(0, "", Sample.Read(sample + ".stderr")).Succeeded);

    // A machine's name stands in the message, and is anybody's choice.
    [Fact(Timeout = 10_000)]
    public void A_name_cannot_pass_for_a_code()
    {
        var result = new VBoxResult(1, "", "VBoxManage: error: Cannot unregister the machine 'NS_ERROR_ABORT' while it is locked\n"
            + "VBoxManage: error: Details: code VBOX_E_INVALID_OBJECT_STATE (0x80bb0007), component MachineWrap\n");

        Assert.Equal("VBOX_E_INVALID_OBJECT_STATE", result.Code);
    }

    private static string Kind(VBoxResult result) => string.Join(", ", new[]
    {
        (result.IsNotFound, "not found"), (result.IsLocked, "locked"), (result.IsInaccessible, "inaccessible"),
        (result.IsInTransition, "in transition"), (result.NeverConnected, "never connected"), (result.LostService, "lost service"), (result.IsMute, "mute"),
    }.Where(kind => kind.Item1).Select(kind => kind.Item2));
}
