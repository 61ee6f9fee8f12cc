namespace Provisioner.Tests.Images;

public sealed class GuestScriptTests
{
    [Fact(Timeout = 60_000)]
    public async Task The_scripts_keep_their_own_rules()
    {
        Shell.RequireProgram("shellcheck");

        var check = await Shell.RunAsync(Repository.File("images/linux/check"), []);

        Assert.True(check.ExitCode == 0, check.Output);
    }
}
