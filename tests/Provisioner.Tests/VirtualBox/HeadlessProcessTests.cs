using System.Text;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.Tests.VirtualBox;

public sealed class HeadlessProcessTests
{
    private const string Uuid = "4f5b1820-105c-46be-95c9-11ad85096310";

    [Theory]
    [InlineData($"/usr/lib/virtualbox/VBoxHeadless --comment vbdp-one --startvm {Uuid} --vrde config")]
    [InlineData($"VBoxHeadless --startvm {Uuid}")]
    [InlineData($"/opt/VirtualBox/VirtualBoxVM --comment vbdp-one --startvm {Uuid} --no-startvm-errormsgbox")]
    public void The_process_of_a_machine_names_it(string commandLine) => Assert.Equal(Guid.Parse(Uuid), Parse(commandLine));

    [Theory]
    [InlineData("")]
    [InlineData($"VBoxManage startvm {Uuid} --type headless")]
    [InlineData($"less --startvm {Uuid}")]
    [InlineData("VBoxHeadless --startvm vbdp-one")]
    [InlineData("VBoxHeadless --startvm")]
    public void Other_processes_are_no_machines(string commandLine) => Assert.Null(Parse(commandLine));

    // As it stands below /proc: each argument ends with a zero.
    private static Guid? Parse(string commandLine) => HeadlessProcess.Parse(Encoding.UTF8.GetBytes(commandLine.Replace(' ', '\0') + "\0"));
}
