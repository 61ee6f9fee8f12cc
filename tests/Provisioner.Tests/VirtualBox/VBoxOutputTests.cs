using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.Tests.VirtualBox;

public sealed class VBoxOutputTests
{
    [Theory(Timeout = 10_000)]
    [InlineData("err-unknown-vm", "VBOX_E_OBJECT_NOT_FOUND")]
    [InlineData("err-locked-unregister", "VBOX_E_INVALID_OBJECT_STATE")]
    [InlineData("err-dup-name", "VBOX_E_FILE_ERROR")]
    [InlineData("err-startvm-nodriver", "NS_ERROR_FAILURE")]
    [InlineData("err-missing-snapshot", "VBOX_E_OBJECT_NOT_FOUND")]
    [InlineData("err-nic9", "")]
    public void An_error_is_known_by_the_name_of_its_code(string sample, string code) => Assert.Equal(code, Error(sample).Code);

    [Fact(Timeout = 10_000)]
    public void A_code_is_found_behind_the_progress() =>
        Assert.Equal("VBOX_E_OBJECT_IN_USE", new VBoxResult(1, "", "0%...10%...VBOX_E_OBJECT_IN_USE").Code);

    [Fact(Timeout = 10_000)]
    public void A_code_with_upper_case_digits_is_found() =>
        Assert.Equal("VBOX_E_FILE_ERROR", new VBoxResult(1, "", "VBoxManage: error: Code VBOX_E_FILE_ERROR (0x80BB0004) - File not accessible").Code);

    [Fact(Timeout = 10_000)]
    public void An_error_with_exit_code_0_is_a_failure()
    {
        var result = Error("err-nic9") with { ExitCode = 0 };

        Assert.False(result.Succeeded);
        Assert.Equal("Invalid NIC number 9", result.Message);
    }

    [Fact(Timeout = 10_000)]
    public void Warnings_and_progress_are_no_failure() =>
        Assert.True(new VBoxResult(0, "", "VBoxManage: warning: Interface \"nosuch0\" doesn't seem to exist\n0%...100%\n").Succeeded);

    [Fact(Timeout = 10_000)]
    public void A_locked_machine_is_told_from_one_that_is_not_there()
    {
        Assert.True(Error("err-locked-unregister").IsLocked);
        Assert.True(Error("err-unknown-vm").IsNotFound);
        Assert.False(Error("err-unknown-vm").IsLocked);
    }

    [Theory(Timeout = 10_000)]
    [InlineData("list-hdds-with-inaccessible", "31790664-b27e-4694-bec4-236981d7baac", "/srv/vbox/raw/b2.vdi")]
    [InlineData("list-hdds", "04e90d98-0a31-44ed-b81e-24d33392a801", "/srv/vbox/vms/bigf1/bigf1.vdi")]
    public void Disks_are_read_with_where_they_are(string sample, string uuid, string location)
    {
        var disks = Hdd.ParseList(Sample.Read(sample));

        Assert.Equal(Sample.Read(sample).Split('\n').Count(line => line.StartsWith("UUID:", StringComparison.Ordinal)), disks.Count);
        Assert.Contains(new Hdd(uuid, location), disks);
    }

    [Theory(Timeout = 10_000)]
    [InlineData("7.2.22_Debianr175245\n", "7.2.22", true)]
    [InlineData("6.1.50r161033", "6.1.50", true)]
    [InlineData("6.0.24r139119", "6.0.24", false)]
    [InlineData("WARNING: The vboxdrv kernel module is not loaded.\n7.0.16_Ubuntur162802\n", "7.0.16", true)]
    public void The_version_is_read_past_warnings(string output, string version, bool supported)
    {
        var read = VBoxVersion.Parse(output);

        Assert.Equal(version, read?.ToString());
        Assert.Equal(supported, read?.IsSupported);
    }

    private static VBoxResult Error(string sample) => new(1, "", Sample.Read(sample + ".stderr"));
}
